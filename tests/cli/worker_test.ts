import assert from "node:assert/strict";
import type { CliContext } from "../../lib/cli/context.ts";
import { json, openSse, problem, refused, sseEvent } from "../api/fake_fetch.ts";
import { fakeProcess, type FakeSystem, fakeSystem, type Routes, runFake } from "./fake_system.ts";
import { logLine, runEvent, workerDetail, workerView } from "./samples.ts";

const ID = "worker-project-abc";

Deno.test("status lists workers", async () => {
  const workers = [
    workerView(),
    workerView({ worker_id: "worker-global", status: "crashed", pid: null }),
  ];
  const page = { count: 2, next_cursor: null, workers };
  const { code, out } = await runFake(["worker", "status"], {
    routes: { "GET /api/v1/workers": json(page) },
  });
  assert.equal(code, 0);
  assert.match(out, /^worker-project-abc +running +4711 +1 +64\.0 MiB +0 +3 s ago$/m);
  assert.match(out, /^worker-global +crashed +1 +64\.0 MiB/m);
});

Deno.test("status of one shows what it may do, what became of it and what it uses", async () => {
  const worker = workerDetail({ managed_by: "cli", crashes_in_row: 2 });
  const { out } = await runFake(["worker", "status", ID], {
    routes: { [`GET /api/v1/workers/${ID}`]: json(worker) },
  });
  assert.match(out, /restarts +0 \(2 in a row\)/);
  assert.match(out, /10:59:59Z +crashed \(pid 4700\): .*SIGKILL\n +the last that it said\n/);
  assert.match(out, /^11:59:57 +32\.0 MiB +1\.5 s +1$/m);
  assert.match(out, /started by +worker start in a terminal/);
  assert.match(out, /--allow-net=127\.0\.0\.1:6767/);
});

Deno.test("an unknown worker exits with 3", async () => {
  const routes = { "GET /api/v1/workers/w": problem(404, "worker_not_found") };
  assert.equal((await runFake(["worker", "status", "w"], { routes })).code, 3);
});

for (const action of ["stop", "restart"]) {
  Deno.test(`${action} says what the node did`, async () => {
    const answer = { success: true, worker_id: ID, status: "stopping", message: "It ends." };
    const routes = { [`POST /api/v1/workers/${ID}/${action}`]: json(answer) };
    const text = await runFake(["worker", action, ID], { routes });
    assert.deepEqual([text.code, text.out], [0, "It ends.\n"]);
    const document = await runFake(["worker", action, ID, "--json"], { routes });
    assert.deepEqual(JSON.parse(document.out), answer);
  });
}

Deno.test("logs shows what the worker itself wrote", async () => {
  const page = { count: 1, next_cursor: null, lines: [logLine(1, { task_id: "" })] };
  const routes = { [`GET /api/v1/workers/${ID}/logs`]: json(page) };
  const { code, out } = await runFake(["worker", "logs", ID], { routes });
  assert.deepEqual([code, out], [0, "line 1\n"]);
});

Deno.test("logs -f goes on until the node says that nothing follows", async () => {
  const stream = sseEvent(logLine(1)) + sseEvent(logLine(2)) + "event: end\ndata: {}\n\n";
  const routes = {
    [`GET /api/v1/workers/${ID}/logs`]: new Response(stream, {
      headers: { "content-type": "text/event-stream" },
    }),
  };
  const { code, out } = await runFake(["worker", "logs", "-f", ID], { routes });
  assert.deepEqual([code, out], [0, "line 1\nline 2\n"]);
});

const place = {
  worker_id: ID,
  room_id: `!${ID}:node1`,
  argv: ["run", "--no-prompt", "child.ts"],
  env: { PATH: "/bin" },
  cwd: "/data/workspaces/project-abc",
  bootstrap: { secret: "not for the terminal" },
};

function started(events: string, more: Routes = {}): {
  fake: FakeSystem;
  child: ReturnType<typeof fakeProcess>;
  spawned: Parameters<CliContext["spawnWorker"]>[0][];
} {
  const child = fakeProcess();
  const spawned: Parameters<CliContext["spawnWorker"]>[0][] = [];
  const fake = fakeSystem({
    routes: {
      "GET /api/v1/events": openSse(events),
      "POST /api/v1/workers": json(place),
      ...more,
    },
    spawnWorker: (order) => {
      spawned.push(order);
      return child;
    },
  });
  return { fake, child, spawned };
}

const running = sseEvent(runEvent(1, "worker.running", { worker_id: "worker-other" })) +
  sseEvent(runEvent(2, "worker.running", { worker_id: ID }));

Deno.test("start asks for a place, spawns what it is told and says once when it is ready", async () => {
  const { fake, child, spawned } = started(running);
  const outcome = fake.run("worker", "start", "--scope", "project:abc");
  await fake.written(/Ready: worker-project-abc in !worker-project-abc:node1\n/);
  child.end({ code: 0, signal: null });
  const { code, out, err, sent } = await outcome;
  assert.equal(code, 0);
  assert.equal(out, `Ready: ${ID} in !${ID}:node1\n`);
  assert.match(err, /Starting worker-project-abc in .* \(pid 4711\)/);
  assert.match(err, /worker-project-abc has ended/);
  assert.deepEqual(spawned, [place]);
  assert.doesNotMatch(fake.text(), /not for the terminal/);
  // The events are followed before the worker exists, so its readiness can't be missed.
  assert.deepEqual(sent.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/v1/events",
    "POST /api/v1/workers",
  ]);
  assert.deepEqual(JSON.parse(sent[1]?.body ?? ""), {
    scope: { type: "project", project_id: "abc", reuse_worker: true },
  });
});

Deno.test("start passes on everything that the long form says", async () => {
  const { fake, child } = started("");
  child.end({ code: 0, signal: null });
  const { sent } = await fake.run(
    ...["worker", "start", "--worker-id", ID, "--room", `!${ID}:node1`],
    ...["--scope", "project:abc", "--parent-node", "node1"],
  );
  assert.deepEqual(JSON.parse(sent[1]?.body ?? ""), {
    scope: { type: "project", project_id: "abc", reuse_worker: true },
    worker_id: ID,
    room_id: `!${ID}:node1`,
    parent_node: "node1",
  });
});

Deno.test("Ctrl-C lets the worker finish, a second one ends it", async () => {
  const { fake, child } = started(running);
  const outcome = fake.run("worker", "start", "--scope", "project:abc");
  await fake.written(/Ready/);
  fake.interrupt();
  assert.deepEqual(child.kills, ["SIGTERM"]);
  assert.match(fake.text(), /Finishing running tasks; Ctrl-C again ends it at once/);
  fake.interrupt();
  assert.deepEqual(child.kills, ["SIGTERM", "SIGKILL"]);
  child.end({ code: 137, signal: "SIGKILL" });
  const { code, err } = await outcome;
  assert.equal(code, 137);
  assert.match(err, /was ended by SIGKILL/);
});

Deno.test("the worker's exit code is the command's", async () => {
  const { fake, child } = started("");
  child.end({ code: 3, signal: null });
  const { code, err } = await fake.run("worker", "start", "--scope", "global");
  assert.equal(code, 3);
  assert.match(err, /ended with exit code 3/);
});

Deno.test("a worker that is there already is a conflict, and nothing is spawned", async () => {
  const { fake, spawned } = started("", { "POST /api/v1/workers": problem(409, "worker_exists") });
  const { code } = await fake.run("worker", "start", "--scope", "project:abc");
  assert.deepEqual([code, spawned], [4, []]);
});

Deno.test("without the node nothing is spawned", async () => {
  const { fake, spawned } = started("", {
    "GET /api/v1/events": refused,
    "POST /api/v1/workers": refused,
  });
  const { code } = await fake.run("worker", "start", "--scope", "project:abc");
  assert.deepEqual([code, spawned], [6, []]);
});

Deno.test("a worker works on when its events can't be followed", async () => {
  const { fake, child } = started("", { "GET /api/v1/events": problem(403, "forbidden") });
  const outcome = fake.run("worker", "start", "--scope", "project:abc");
  await fake.written(/Can't follow what becomes of the worker/);
  child.end({ code: 0, signal: null });
  assert.equal((await outcome).code, 0);
});

Deno.test("start --json writes what the node tells, one document a line", async () => {
  const { fake, child } = started(running);
  const outcome = fake.run("worker", "start", "--scope", "project:abc", "--json");
  await fake.written(/worker.running/);
  child.end({ code: 0, signal: null });
  const { out, err } = await outcome;
  assert.equal(JSON.parse(out).worker_id, ID);
  assert.equal(err, "");
});

for (const scope of ["abc", "project:", "team:abc", "project:a/b", "global:x"]) {
  Deno.test(`"${scope}" is not a scope`, async () => {
    const { code, err, sent } = await runFake(["worker", "start", "--scope", scope]);
    assert.deepEqual([code, sent], [2, []]);
    assert.match(err, /is not a scope\nWrite it as global, project:<id>/);
  });
}
