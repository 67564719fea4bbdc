import assert from "node:assert/strict";
import { json, problem, sseOf } from "../api/fake_fetch.ts";
import { type FakeOptions, type Outcome, type Routes, runFake } from "./fake_system.ts";
import {
  completedRun,
  confirmAnswer,
  dagView,
  failedRun,
  HASH,
  logLine,
  RUN_ID,
  runEvent,
  runView,
} from "./samples.ts";

const DAG = "proj-abc-deploy";
const SHOW = `GET /api/v1/dag/${DAG}`;
const CONFIRM = `POST /api/v1/dag/${DAG}/confirm`;
const REJECT = `POST /api/v1/dag/${DAG}/reject`;

function confirmWith(argv: string[], options: FakeOptions = {}): Promise<Outcome> {
  const routes = { [SHOW]: json(dagView()), [CONFIRM]: json(confirmAnswer), ...options.routes };
  return runFake(["dag", "confirm", DAG, ...argv], { ...options, routes });
}

function confirmed({ sent }: Outcome): unknown[] {
  return sent.filter(({ method, path }) => method === "POST" && path.endsWith("/confirm"))
    .map(({ body }) => JSON.parse(body));
}

Deno.test("confirm shows what waits, asks, and confirms exactly what was shown", async () => {
  const outcome = await confirmWith([], { answers: ["y"] });
  assert.equal(outcome.code, 0);
  assert.match(outcome.out, /make build[^]*What its tasks may touch[^]*make|runs: make/);
  assert.deepEqual(outcome.questions, ["Run proj-abc-deploy v3? [y/N] "]);
  assert.deepEqual(confirmed(outcome), [{ spec_hash: HASH }]);
  assert.match(outcome.out, /Confirmed: dag-run-/);
  assert.match(outcome.err, /deno task run watch dag-run-/);
});

for (const answer of ["yes", "Y", " YES "]) {
  Deno.test(`"${answer}" is a yes`, async () => {
    assert.equal(confirmed(await confirmWith([], { answers: [answer] })).length, 1);
  });
}

for (const answer of ["", "n", "no", "yep", "y\ny", "j"]) {
  Deno.test(`${JSON.stringify(answer)} is not a yes`, async () => {
    const outcome = await confirmWith([], { answers: [answer] });
    assert.deepEqual([outcome.code, confirmed(outcome)], [1, []]);
    assert.match(outcome.err, /Nothing was confirmed/);
  });
}

Deno.test("no answer at all is not a yes", async () => {
  const outcome = await confirmWith([], { answers: [] });
  assert.deepEqual([outcome.code, confirmed(outcome)], [1, []]);
});

Deno.test("a hash is confirmed without a question", async () => {
  const outcome = await confirmWith([HASH]);
  assert.equal(outcome.code, 0);
  assert.deepEqual(confirmed(outcome), [{ spec_hash: HASH }]);
  assert.deepEqual(outcome.questions, []);
  assert.equal(outcome.sent.length, 1);
});

Deno.test("--yes shows what it confirms and doesn't ask", async () => {
  const outcome = await confirmWith(["--yes"]);
  assert.equal(outcome.code, 0);
  assert.match(outcome.out, /make ship/);
  assert.deepEqual(confirmed(outcome), [{ spec_hash: HASH }]);
});

Deno.test("where nobody can be asked it is a usage error and nothing is confirmed", async () => {
  const outcome = await confirmWith([]);
  assert.deepEqual([outcome.code, confirmed(outcome)], [2, []]);
  assert.match(outcome.err, /Nobody can be asked.*\nGive the hash of what to confirm, or --yes/);
});

Deno.test("that there is no such DAG is told whether somebody can be asked or not", async () => {
  const routes: Routes = { [SHOW]: problem(404, "not_found") };
  for (const answers of [undefined, ["y"]]) {
    const outcome = await confirmWith([], {
      routes,
      ...(answers === undefined ? {} : { answers }),
    });
    assert.deepEqual([outcome.code, confirmed(outcome)], [3, []]);
  }
});

Deno.test("--json asks no questions", async () => {
  const asked = await confirmWith(["--json"], { answers: ["y"] });
  assert.deepEqual([asked.code, asked.questions], [2, []]);
  const agreed = await confirmWith(["--json", "--yes"]);
  assert.deepEqual([agreed.code, JSON.parse(agreed.out)], [0, confirmAnswer]);
});

Deno.test("what is decided already isn't asked about: the node answers", async () => {
  const routes: Routes = {
    [SHOW]: json(dagView({ status: "expired" })),
    [CONFIRM]: problem(410, "confirmation_expired"),
  };
  const outcome = await confirmWith([], { answers: ["y"], routes });
  assert.deepEqual([outcome.code, outcome.questions], [4, []]);
  // Never without a hash: something else may have been published since.
  assert.deepEqual(confirmed(outcome), [{ spec_hash: HASH }]);
});

Deno.test("other content than what was seen is a conflict", async () => {
  const routes = { [CONFIRM]: problem(409, "content_changed") };
  assert.equal((await confirmWith(["--yes"], { routes })).code, 4);
});

function runRoutes(end: typeof completedRun): Routes {
  const last = `run.${end.status}`;
  return {
    [`GET /api/v1/runs/${RUN_ID}`]: [json(runView()), json(end)],
    [`GET /api/v1/runs/${RUN_ID}/events`]: sseOf([
      runEvent(1, "run.queued"),
      runEvent(2, "task.running", { data: { attempt: 2 } }),
      runEvent(3, last),
    ]),
    [`GET /api/v1/runs/${RUN_ID}/logs`]: sseOf([logLine(1)]),
  };
}

Deno.test("--watch follows the run to its end", async () => {
  const { code, out } = await confirmWith(["--yes", "--watch"], {
    routes: runRoutes(completedRun),
  });
  assert.equal(code, 0);
  assert.match(out, /^11:59:51 {2}build {2}running {2}attempt 2$/m);
  assert.match(out, /^build \| line 1$/m);
  assert.match(out, /completed: 2 of 2 tasks completed in 8\.0 s/);
});

Deno.test("--watch exits with 1 when the run failed", async () => {
  const { code, out, err } = await confirmWith([HASH, "--watch"], { routes: runRoutes(failedRun) });
  assert.equal(code, 1);
  assert.match(out, /the task "ship" failed: exit code 2/);
  assert.match(err, new RegExp(`deno task run logs ${RUN_ID} --task ship`));
  assert.match(err, new RegExp(`deno task run retry ${RUN_ID}`));
});

Deno.test("--watch --json is one document a line: answer, events and lines, run", async () => {
  const { code, out } = await confirmWith([HASH, "--watch", "--json"], {
    routes: runRoutes(completedRun),
  });
  assert.equal(code, 0);
  const documents = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(documents[0], confirmAnswer);
  assert.deepEqual(documents.at(-1), completedRun);
  const between = documents.slice(1, -1).map(({ type, text }) => type ?? text).sort();
  assert.deepEqual(between, ["line 1", "run.completed", "run.queued", "task.running"]);
});

const rejectAnswer = {
  success: true,
  dag_id: DAG,
  version: 3,
  spec_hash: HASH,
  status: "rejected",
  reason: "no",
  message: "Version 3 is rejected.",
};

Deno.test("reject sends the reason, and the hash if there is one", async () => {
  const routes = { [REJECT]: json(rejectAnswer) };
  const plain = await runFake(["dag", "reject", DAG, "--reason", " no "], { routes });
  assert.deepEqual([plain.code, plain.out], [0, "Version 3 is rejected.\n"]);
  assert.deepEqual(JSON.parse(plain.sent[0]?.body ?? ""), { reason: "no" });
  const exact = await runFake(["dag", "reject", DAG, HASH, "-r", "no"], { routes });
  assert.deepEqual(JSON.parse(exact.sent[0]?.body ?? ""), { reason: "no", spec_hash: HASH });
});

Deno.test("reject asks for a reason, and needs one", async () => {
  const routes = { [REJECT]: json(rejectAnswer) };
  const asked = await runFake(["dag", "reject", DAG], { routes, answers: ["too broad"] });
  assert.deepEqual(asked.questions, [`Why is ${DAG} rejected? `]);
  assert.deepEqual(JSON.parse(asked.sent[0]?.body ?? ""), { reason: "too broad" });
  for (const options of [{ routes }, { routes, answers: ["  "] }]) {
    const outcome = await runFake(["dag", "reject", DAG], options);
    assert.deepEqual([outcome.code, outcome.sent], [2, []]);
    assert.match(outcome.err, /--reason/);
  }
});
