import assert from "node:assert/strict";
import type { DemoNode } from "../../lib/cli/context.ts";
import { json, problem, sseOf } from "../api/fake_fetch.ts";
import { fakeProcess, type FakeSystem, fakeSystem, type Routes } from "./fake_system.ts";
import {
  completedRun,
  confirmAnswer,
  dagView,
  failedRun,
  HASH,
  publishAnswer,
  RUN_ID,
} from "./samples.ts";

const DEMO_URL = "http://127.0.0.1:43210";
const FILES = {
  "examples/hello.yaml": "hello",
  "my.json": "{}",
  "/tmp/demo/owner.token": "demo-owner",
};

function demo(options: { answers?: string[]; run?: typeof completedRun; routes?: Routes } = {}): {
  fake: FakeSystem;
  process: ReturnType<typeof fakeProcess>;
  stopped: () => number;
} {
  const process = fakeProcess();
  let stopped = 0;
  const node: DemoNode = {
    url: DEMO_URL,
    tokenFile: "/tmp/demo/owner.token",
    links: [`sign in: ${DEMO_URL}/sign-in?ticket=abc`],
    ended: process.status,
    stop: () => {
      stopped++;
      return Promise.resolve();
    },
  };
  const fake = fakeSystem({
    files: FILES,
    answers: options.answers,
    startDemoNode: () => Promise.resolve(node),
    routes: {
      "POST /api/v1/dag/publish": json(publishAnswer),
      "GET /api/v1/dag/proj-abc-deploy": json(dagView()),
      "POST /api/v1/dag/proj-abc-deploy/confirm": json(confirmAnswer),
      "POST /api/v1/dag/proj-abc-deploy/reject": json({ success: true, message: "rejected" }),
      [`GET /api/v1/runs/${RUN_ID}`]: json(options.run ?? completedRun),
      [`GET /api/v1/runs/${RUN_ID}/logs`]: sseOf([]),
      ...options.routes,
    },
  });
  return { fake, process, stopped: () => stopped };
}

Deno.test("demo --yes goes the whole path and stops the node", async () => {
  const { fake, stopped } = demo();
  const { code, out, sent } = await fake.run("demo", "--yes");
  assert.deepEqual([code, stopped()], [0, 1]);
  assert.match(out, /make build[^]*What its tasks may touch[^]*completed: 2 of 2 tasks[^]*app:3/);
  assert.ok(out.includes(`Its page  ${DEMO_URL}/runs/${RUN_ID}\n`), out);
  assert.doesNotMatch(fake.text(), /Ctrl-C/);
  assert.deepEqual(
    sent.map(({ method, path }) => `${method} ${path.replace(RUN_ID, "RUN")}`),
    [
      "POST /api/v1/dag/publish",
      "GET /api/v1/dag/proj-abc-deploy?version=3",
      "POST /api/v1/dag/proj-abc-deploy/confirm",
      "GET /api/v1/runs/RUN",
      "GET /api/v1/runs/RUN",
    ],
  );
  assert.equal(sent[0]?.body, "hello");
  assert.deepEqual(JSON.parse(sent[2]?.body ?? ""), { spec_hash: HASH });
  for (const { url, headers } of sent) {
    assert.ok(url.startsWith(`${DEMO_URL}/`));
    assert.equal(headers.get("authorization"), "Bearer demo-owner");
  }
});

Deno.test("demo --yes exits with 1 when the run failed, and advises nothing about a gone node", async () => {
  const { fake, stopped } = demo({ run: failedRun });
  const { code, err } = await fake.run("demo", "my.json", "--yes");
  assert.deepEqual([code, stopped()], [1, 1]);
  assert.doesNotMatch(err, /deno task run/);
});

Deno.test("what the demo advises reaches its own node; its exit code is the run's", async () => {
  const { fake } = demo({ run: failedRun, answers: ["y"] });
  const outcome = fake.run("demo");
  await fake.written(/The node runs until Ctrl-C/);
  fake.interrupt();
  const { code, err } = await outcome;
  assert.equal(code, 1);
  assert.match(
    err,
    new RegExp(`run retry ${RUN_ID} --url ${DEMO_URL} --token-file /tmp/demo/owner.token`),
  );
});

Deno.test("demo asks, runs, shows where to look and keeps the node until Ctrl-C", async () => {
  const { fake, stopped } = demo({ answers: ["y"] });
  const outcome = fake.run("demo");
  await fake.written(/The node runs until Ctrl-C/);
  assert.equal(stopped(), 0);
  assert.match(fake.text(), /sign in: http:\/\/127\.0\.0\.1:43210\/sign-in\?ticket=abc/);
  fake.interrupt();
  const { code, questions } = await outcome;
  assert.deepEqual([code, stopped()], [0, 1]);
  assert.deepEqual(questions, ["Run proj-abc-deploy v3? [y/N] "]);
});

Deno.test("a no rejects it, runs nothing and stops the node", async () => {
  const { fake, stopped } = demo({ answers: ["n"] });
  const { code, err, sent } = await fake.run("demo");
  assert.deepEqual([code, stopped()], [1, 1]);
  assert.match(err, /Rejected: nothing runs/);
  assert.equal(sent.at(-1)?.path, "/api/v1/dag/proj-abc-deploy/reject");
});

Deno.test("Ctrl-C while it works stops the node too", async () => {
  const asked = Promise.withResolvers<void>();
  const { fake, stopped } = demo({
    routes: {
      "POST /api/v1/dag/publish": () => {
        asked.resolve();
        return new Promise(() => {}); // The node never answers.
      },
    },
  });
  const outcome = fake.run("demo", "--yes");
  await asked.promise;
  fake.interrupt();
  assert.deepEqual([(await outcome).code, stopped()], [1, 1]);
});

Deno.test("a node that ends early is said so", async () => {
  const { fake, process, stopped } = demo({
    routes: {
      "POST /api/v1/dag/publish": () => {
        process.end({ code: 1, signal: null });
        return new Promise(() => {}); // There is nobody left to answer.
      },
    },
  });
  const { code, err } = await fake.run("demo", "--yes");
  assert.deepEqual([code, stopped()], [1, 1]);
  assert.match(err, /The node ended before the demo did, with code 1/);
});

Deno.test("a file with problems ends the demo, and the node with it", async () => {
  const errors = [{ path: "tasks", code: "empty", message: "no tasks" }];
  const { fake, stopped } = demo({
    routes: { "POST /api/v1/dag/publish": problem(422, "invalid_spec", { errors }) },
  });
  const { code, err } = await fake.run("demo", "--yes");
  assert.deepEqual([code, stopped()], [1, 1]);
  assert.match(err, /tasks {2}no tasks/);
});

Deno.test("where nobody can be asked --yes is needed, before anything is started", async () => {
  const system = fakeSystem({ files: FILES });
  const { code, err } = await system.run("demo");
  assert.equal(code, 2);
  assert.match(err, /Give --yes/);
});

Deno.test("a file that isn't there starts no node", async () => {
  const { code } = await fakeSystem({ files: FILES }).run("demo", "none.yaml", "--yes");
  assert.equal(code, 2);
});

Deno.test("a node that doesn't start is an error with what it wrote", async () => {
  const fake = fakeSystem({
    files: FILES,
    startDemoNode: () =>
      Promise.reject(new Error("The node ended with exit code 1. It wrote:\nport taken")),
  });
  const { code, err } = await fake.run("demo", "--yes");
  assert.equal(code, 1);
  assert.match(err, /error: The node ended with exit code 1\. It wrote:\nport taken\n/);
});
