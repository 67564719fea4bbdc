import assert from "node:assert/strict";
import { json, problem } from "../api/fake_fetch.ts";
import { runFake } from "./fake_system.ts";
import { debtView, decisionView, RUN_ID, runView, taskView } from "./samples.ts";

const ANSWER = {
  success: true,
  decision_id: "decision-1",
  run_id: RUN_ID,
  task_id: "ship",
  status: "approved",
  message: 'The task "ship" is approved.',
};

Deno.test("decision list shows what is open, with the time that is left", async () => {
  const page = { count: 1, next_cursor: "n", decisions: [decisionView()] };
  const { code, out, err, sent } = await runFake(
    ["decision", "list", "--run", RUN_ID, "--limit", "1"],
    { routes: { "GET /api/v1/decisions": json(page) } },
  );
  assert.equal(code, 0);
  assert.match(out, /^decision-1 +proj-abc-deploy v3 +ship +confirmed +open +5 min/m);
  assert.match(err, /--cursor n/);
  const query = new URL(sent[0]?.url ?? "").searchParams;
  assert.deepEqual(Object.fromEntries(query), { status: "open", run: RUN_ID, limit: "1" });
});

Deno.test("decision list --all asks for every state", async () => {
  const page = { count: 0, next_cursor: null, decisions: [] };
  const { out, err, sent } = await runFake(["decision", "list", "--all"], {
    routes: { "GET /api/v1/decisions": json(page) },
  });
  assert.deepEqual([out, err], ["", "No decisions.\n"]);
  assert.equal(new URL(sent[0]?.url ?? "").search, "");
});

Deno.test("decision show tells who voted what, and how to answer", async () => {
  const vote = { stakeholder: "ann", by: "ann", vote: "reject", reason: "no", voted_at: "x" };
  const decision = decisionView({
    kind: "arbitrated",
    stakeholders: ["ann", "bob"],
    threshold: 1,
    votes: [vote as never],
  });
  const { out, err } = await runFake(["decision", "show", "decision-1"], {
    routes: { "GET /api/v1/decisions/decision-1": json(decision) },
  });
  assert.match(out, /Run the shell task ship\? +open/);
  assert.match(out, /votes +1 of ann, bob/);
  assert.match(out, /state +open until .*, then the task fails/);
  assert.match(out, /ann: reject, no/);
  assert.match(err, /decision vote decision-1$/m);
  assert.match(err, /decision vote decision-1 --against/);
});

for (
  const [argv, path, body] of [
    [["approve", "decision-1"], "approve", {}],
    [["reject", "decision-1", "--reason", "no"], "reject", { reason: "no" }],
    [["vote", "decision-1"], "vote", { vote: "approve" }],
    [["vote", "decision-1", "--against", "--reason", "no"], "vote", {
      vote: "reject",
      reason: "no",
    }],
  ] as const
) {
  Deno.test(`decision ${argv.join(" ")} sends exactly that`, async () => {
    const address = `POST /api/v1/decisions/decision-1/${path}`;
    const { code, out, sent } = await runFake(["decision", ...argv], {
      routes: { [address]: json(ANSWER) },
    });
    assert.deepEqual([code, out], [0, `${ANSWER.message}\n`]);
    assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), body);
  });
}

Deno.test("a decision that comes too late exits with 4, an empty reason with 2", async () => {
  const routes = {
    "POST /api/v1/decisions/decision-1/approve": problem(410, "decision_expired"),
  };
  assert.equal((await runFake(["decision", "approve", "decision-1"], { routes })).code, 4);
  const empty = await runFake(["decision", "approve", "decision-1", "--reason", " "], { routes });
  assert.deepEqual([empty.code, empty.sent], [2, []]);
});

Deno.test("debt list shows what is open and why it failed", async () => {
  const page = { count: 1, next_cursor: null, debts: [debtView()] };
  const { out, sent } = await runFake(["debt", "list", "--dag", "d"], {
    routes: { "GET /api/v1/debts": json(page) },
  });
  assert.match(out, new RegExp(`^debt-1 +${RUN_ID} +ship +open +.*exit code 2$`, "m"));
  const query = new URL(sent[0]?.url ?? "").searchParams;
  assert.deepEqual(Object.fromEntries(query), { status: "open", dag_id: "d" });
});

Deno.test("debt resolve needs a reason, and with --resume says which run runs the task again", async () => {
  const routes = {
    "POST /api/v1/debts/debt-1/resolve": json({
      ...{ success: true, debt_id: "debt-1", status: "resolved", run_id: "run-2" },
      message: "It is resolved.",
    }),
  };
  assert.equal((await runFake(["debt", "resolve", "debt-1"], { routes })).code, 2);
  const argv = ["debt", "resolve", "debt-1", "--reason", "fixed", "--resume"];
  const { code, out, err, sent } = await runFake(argv, { routes });
  assert.deepEqual([code, out], [0, "It is resolved.\n"]);
  assert.match(err, /run watch run-2/);
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), { reason: "fixed", resume: true });
});

Deno.test("run cancel --task ends one task", async () => {
  const address = `POST /api/v1/runs/${RUN_ID}/tasks/ship/cancel`;
  const answer = { success: true, run_id: RUN_ID, task_id: "ship", status: "cancelled" };
  const { code, out } = await runFake(["run", "cancel", RUN_ID, "--task", "ship"], {
    routes: { [address]: json({ ...answer, message: "It is cancelled." }) },
  });
  assert.deepEqual([code, out], [0, "It is cancelled.\n"]);
});

Deno.test("run show tells what a worker said of an attempt that had been taken from it", async () => {
  const late_result = {
    status: "completed",
    exit_code: 0,
    error: null,
    error_code: null,
    outputs: null,
    received_at: "2026-03-01T12:00:00.000Z",
  } as const;
  const [attempt] = taskView().attempts;
  assert.ok(attempt);
  const task = taskView({ attempts: [{ ...attempt, status: "cancelled", late_result }] });
  const { out } = await runFake(["run", "show", RUN_ID], {
    routes: { [`GET /api/v1/runs/${RUN_ID}`]: json(runView({ tasks: [task] })) },
  });
  assert.match(
    out,
    /^Late result of build, attempt 1: it was cancelled when its worker said at .* it had completed$/m,
  );
});

Deno.test("run show tells of decisions and debts", async () => {
  const decided = decisionView({
    status: "rejected",
    decided_by: "ann",
    decided_at: "2026-03-01T12:00:00.000Z",
    reason: "no",
  });
  const run = runView({ decisions: [decided], debts: [debtView()] });
  const { out } = await runFake(["run", "show", RUN_ID], {
    routes: { [`GET /api/v1/runs/${RUN_ID}`]: json(run) },
  });
  assert.match(out, /^Decision about ship: rejected by ann at .*: no$/m);
  assert.match(out, /^Debt of ship \(debt-1\): open$/m);
});
