import assert from "node:assert/strict";
import { json, openSse, problem, refused, sse, sseEvent, sseOf } from "../api/fake_fetch.ts";
import { fakeSystem, type Routes, runFake } from "./fake_system.ts";
import {
  completedRun,
  failedRun,
  logLine,
  RUN_ID,
  runEvent,
  runSummary,
  runView,
  taskView,
} from "./samples.ts";

const RUN = `GET /api/v1/runs/${RUN_ID}`;
const LOGS = `${RUN}/logs`;
const EVENTS = `${RUN}/events`;

Deno.test("list shows runs and passes the filters on", async () => {
  const page = { count: 1, next_cursor: "n", runs: [runSummary({ error: "boo" })] };
  const { code, out, err, sent } = await runFake([
    ...["run", "list", "--status", "failed", "--dag", "d", "--scope", "project:abc"],
    ...["--since", "2h", "-q", "x", "--limit", "3", "--cursor", "c"],
  ], { routes: { "GET /api/v1/runs": json(page) } });
  assert.equal(code, 0);
  assert.match(
    out,
    new RegExp(`^${RUN_ID} +proj-abc-deploy v3 +running +1/2 +project:abc +10 s ago +boo$`, "m"),
  );
  assert.match(err, /--cursor n/);
  const query = new URL(sent[0]?.url ?? "").searchParams;
  assert.deepEqual(Object.fromEntries(query), {
    status: "failed",
    dag_id: "d",
    scope: "project:abc",
    since: "2h",
    q: "x",
    limit: "3",
    cursor: "c",
  });
});

Deno.test("no runs is not an error", async () => {
  const page = { count: 0, next_cursor: null, runs: [] };
  const { code, out, err } = await runFake(["run", "list"], {
    routes: { "GET /api/v1/runs": json(page) },
  });
  assert.deepEqual([code, out, err], [0, "", "No runs.\n"]);
});

Deno.test("show tells tasks, attempts, exit codes, errors and outputs", async () => {
  const big = { text: "y".repeat(100) };
  const run = runView({ tasks: [taskView(), taskView({ task_id: "big", outputs: big })] });
  const { code, out } = await runFake(["run", "show", RUN_ID], { routes: { [RUN]: json(run) } });
  assert.equal(code, 0);
  assert.match(out, /^TASK +STATUS +ATTEMPTS +TOOK +EXIT +ERROR$/m);
  assert.match(out, /^build +completed +1 +2\.5 s +0$/m);
  assert.match(out, /^ {2}build: \{"image":"app:3"\}$/m);
  assert.match(out, /^ {2}big: \{\n {4}"text": "y{100}"\n {2}\}$/m);
  assert.match(out, /triggered +confirm, confirmed by owner/);
});

Deno.test("an unknown run exits with 3", async () => {
  const { code } = await runFake(["run", "show", "r"], {
    routes: { "GET /api/v1/runs/r": problem(404, "run_not_found") },
  });
  assert.equal(code, 3);
});

Deno.test("watching an ended run shows its end without following anything", async () => {
  const { code, out, sent } = await runFake(["run", "watch", RUN_ID], {
    routes: { [RUN]: json(failedRun) },
  });
  assert.equal(code, 1);
  assert.match(out, /failed: 1 of 2 tasks completed/);
  assert.deepEqual(sent.map(({ path }) => path), Array(2).fill(`/api/v1/runs/${RUN_ID}`));
});

Deno.test("watch shows states and lines as they come, also across a lost connection", async () => {
  const events = [
    runEvent(1, "run.running"),
    runEvent(2, "task.ready"),
    runEvent(3, "task.running", { data: { attempt: 1 } }),
    runEvent(4, "task.retry_wait", { data: { attempt: 1, error: "exit code 1" } }),
    runEvent(5, "run.completed"),
  ];
  const routes: Routes = {
    [RUN]: [json(runView()), json(completedRun)],
    [EVENTS]: [
      sse("retry: 1\n\n" + events.slice(0, 2).map(sseEvent).join("") + "id: 3\ndata: {"),
      refused,
      sseOf(events),
    ],
    // The lines never end by themselves while the run goes on.
    [LOGS]: [
      openSse(sseEvent(logLine(1))),
      sseOf([logLine(1), logLine(2, { stream: "stderr", text: "\x1b[31mlate\x1b[0m" })]),
    ],
  };
  const { code, out, sent } = await runFake(["run", "watch", RUN_ID], { routes });
  assert.equal(code, 0);
  const lines = out.split("\n");
  assert.ok(lines.includes("11:59:51  run  running"));
  assert.ok(lines.includes("11:59:51  build  running"));
  assert.ok(lines.includes("11:59:51  build  retry_wait  exit code 1"));
  assert.equal(lines.filter((line) => line === "build | line 1").length, 1);
  assert.equal(lines.filter((line) => line === "build ! late").length, 1);
  assert.doesNotMatch(out, /ready/);
  const resumed = sent.filter(({ path }) => path.endsWith("/events"))
    .map(({ headers }) => headers.get("last-event-id"));
  assert.deepEqual(resumed, ["0", "2", "2"]);
});

Deno.test("watch gives up with 3 when the node has no such stream", async () => {
  const routes: Routes = {
    [RUN]: json(runView()),
    [EVENTS]: problem(404, "run_not_found"),
    [LOGS]: openSse(""),
  };
  const { code, err } = await runFake(["run", "watch", RUN_ID], { routes });
  assert.equal(code, 3);
  assert.match(err, /run_not_found/);
});

Deno.test("watch gives up when the lines are refused, and doesn't hang on the events", async () => {
  const routes: Routes = {
    [RUN]: json(runView()),
    [EVENTS]: openSse(sseEvent(runEvent(1, "run.running"))),
    [LOGS]: problem(403, "forbidden"),
  };
  assert.equal((await runFake(["run", "watch", RUN_ID], { routes })).code, 5);
});

Deno.test("logs writes all pages, with the tasks' names", async () => {
  const pages = [
    json({ count: 1, next_cursor: "two", lines: [logLine(1)] }),
    json({ count: 1, next_cursor: null, lines: [logLine(2, { task_id: "ship-it" })] }),
  ];
  const { code, out, sent } = await runFake(["run", "logs", RUN_ID], { routes: { [LOGS]: pages } });
  assert.deepEqual([code, out], [0, "build | line 1\nship-it | line 2\n"]);
  assert.deepEqual(sent.map(({ path }) => path), [
    `/api/v1/runs/${RUN_ID}/logs`,
    `/api/v1/runs/${RUN_ID}/logs?cursor=two`,
  ]);
});

Deno.test("logs of one task are its lines and nothing else", async () => {
  const page = { count: 1, next_cursor: null, lines: [logLine(1)] };
  const { out } = await runFake(["run", "logs", RUN_ID, "--task", "build"], {
    routes: { [`${RUN}/tasks/build/logs`]: json(page) },
  });
  assert.equal(out, "line 1\n");
});

Deno.test("logs with a limit, or for programs, is one page", async () => {
  const page = { count: 1, next_cursor: "two", lines: [logLine(1)] };
  const limited = await runFake(["run", "logs", RUN_ID, "--limit", "1"], {
    routes: { [LOGS]: json(page) },
  });
  assert.deepEqual([limited.out, limited.sent.length], ["build | line 1\n", 1]);
  assert.match(limited.err, /--cursor two/);
  const program = await runFake(["run", "logs", RUN_ID, "--json"], {
    routes: { [LOGS]: json(page) },
  });
  assert.deepEqual([JSON.parse(program.out), program.sent.length], [page, 1]);
});

Deno.test("logs -f follows one task until the run ends", async () => {
  const routes: Routes = {
    [`${RUN}/tasks/build/logs`]: sseOf([logLine(1), logLine(2)]),
    [EVENTS]: sseOf([runEvent(1, "run.failed")]),
  };
  const { code, out } = await runFake(["run", "logs", "-f", "--task", "build", RUN_ID], { routes });
  assert.deepEqual([code, out], [0, "line 1\nline 2\n"]);
});

Deno.test("logs -f --json is one document a line", async () => {
  const routes: Routes = {
    [LOGS]: sseOf([logLine(1)]),
    [EVENTS]: sseOf([runEvent(1, "run.failed")]),
  };
  const { out } = await runFake(["run", "logs", "-f", RUN_ID, "--json"], { routes });
  assert.deepEqual(JSON.parse(out), logLine(1));
});

for (const action of ["cancel", "pause", "resume"]) {
  Deno.test(`${action} says what the node did`, async () => {
    const answer = { success: true, run_id: "r", status: "paused", message: `did ${action}` };
    const routes = { [`POST /api/v1/runs/r/${action}`]: json(answer) };
    const text = await runFake(["run", action, "r"], { routes });
    assert.deepEqual([text.code, text.out], [0, `did ${action}\n`]);
    const document = await runFake(["run", action, "r", "--json"], { routes });
    assert.deepEqual(JSON.parse(document.out), answer);
    const ended = await runFake(["run", action, "r"], {
      routes: { [`POST /api/v1/runs/r/${action}`]: problem(409, "run_finished") },
    });
    assert.equal(ended.code, 4);
  });
}

Deno.test("retry begins a new run, from scratch if asked, and can watch it", async () => {
  const answer = { success: true, run_id: RUN_ID, status: "queued", message: "new run" };
  const routes: Routes = { "POST /api/v1/runs/old/retry": json(answer), [RUN]: json(completedRun) };
  const plain = await runFake(["run", "retry", "old"], { routes });
  assert.equal(plain.code, 0);
  assert.deepEqual(JSON.parse(plain.sent[0]?.body ?? ""), { from_scratch: false });
  assert.match(plain.err, new RegExp(`deno task run watch ${RUN_ID}`));
  const scratch = await runFake(["run", "retry", "old", "--from-scratch", "--watch"], { routes });
  assert.equal(scratch.code, 0);
  assert.deepEqual(JSON.parse(scratch.sent[0]?.body ?? ""), { from_scratch: true });
  assert.match(scratch.out, /completed: 2 of 2/);
});

Deno.test("states are coloured where colours are wanted", async () => {
  const { text, run } = fakeSystem({ routes: { [RUN]: json(failedRun) }, color: true });
  await run("run", "show", RUN_ID);
  assert.ok(text().includes("\x1b[31mfailed\x1b[0m"));
});
