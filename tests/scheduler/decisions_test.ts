/** Decisions through a real node: rows, expiry, restarts, who may answer, what the history tells. */
import assert from "node:assert/strict";
import { CisError } from "../../lib/errors.ts";
import { answerDecision } from "../../lib/scheduler/answer_decision.ts";
import type { DecisionList, DecisionView } from "../../lib/schema/decision.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import {
  call,
  getRun,
  publishDag,
  runEnded,
  startDag,
  type TestFetch,
  type TestNode,
  tokenIdOf,
  withNode,
} from "../helpers/test_node.ts";
import { act, dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";

const CONFIRMED = { level: { type: "confirmed", timeout: "10m" } };
const countdown = (default_action: string): object => ({
  level: { type: "recommended", default_action, timeout: "5m" },
});
const VOTED = {
  level: { type: "arbitrated", stakeholders: ["ann", "bob", "eve"], threshold: 2 },
};

async function openDecisions(fetch: TestFetch): Promise<DecisionView[]> {
  const list = await call<DecisionList>(fetch, "/api/v1/decisions?status=open");
  return list.decisions;
}

async function theDecision(fetch: TestFetch): Promise<DecisionView> {
  const [decision, ...more] = await openDecisions(fetch);
  assert.ok(decision, "nothing was asked");
  assert.equal(more.length, 0);
  return decision;
}

interface Answer {
  readonly token?: string;
  readonly body?: object;
}

/** Answers. @returns "done" with the state, or the code of the refusal */
async function answer(
  fetch: TestFetch,
  path: string,
  { token, body = {} }: Answer = {},
): Promise<string> {
  const response = await fetch(`/api/v1/decisions/${path}`, {
    ...{ method: "POST", body },
    ...(token === undefined ? {} : { token }),
  });
  const { code, status } = await response.json() as { code?: string; status: string };
  return code ?? status;
}

/** A token with a name of its own. */
async function tokenNamed({ node }: TestNode, name: string): Promise<string> {
  const made = await node.db.write((tx) =>
    node.tokens.create(tx, { name, roles: ["approver"], createdBy: null })
  );
  return made.token;
}

Deno.test("confirmed waits for a yes and then runs; the history has who, when and why", async () => {
  const timer = new ManualTimer();
  await withWorker(async (test) => {
    const { fetch, worker, node } = test;
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: [], b: { depends_on: ["a"], ...CONFIRMED } }),
    );
    assert.deepEqual(await openDecisions(fetch), [], "its turn hasn't come");
    await worker.finish(await worker.take());
    const asked = await theDecision(fetch);
    assert.deepEqual([asked.task_id, asked.kind, asked.run_id], ["b", "confirmed", run_id]);
    assert.equal(Date.parse(asked.expires_at) - timer.now(), 600_000);
    assert.deepEqual(ids(await worker.takeAll()), []);
    timer.advance(60_000);
    const token = await tokenNamed(test, "ann");
    const reason = "looks right";
    const path = `${asked.decision_id}/approve`;
    assert.equal(await answer(fetch, path, { token, body: { reason } }), "approved");
    assert.equal((await worker.take()).task_id, "b");
    const { decisions } = await getRun(fetch, run_id);
    assert.deepEqual(
      decisions.map(({ status, decided_by, decided_at, reason }) => [
        ...[status, decided_by, Date.parse(decided_at ?? ""), reason],
      ]),
      [["approved", "ann", timer.now(), "looks right"]],
    );
    const told = node.events.read({ runId: run_id, after: 0, limit: 100 })
      .filter(({ type }) => type.startsWith("decision."))
      .map((
        { type, task_id, time, data },
      ) => [type, task_id, Date.parse(time), data.by, data.reason]);
    assert.deepEqual(told, [
      ["decision.requested", "b", timer.now() - 60_000, undefined, undefined],
      ["decision.approved", "b", timer.now(), "ann", "looks right"],
    ]);
    // The same answer again is fine; another one is too late.
    assert.equal(await answer(fetch, path, { token }), "approved");
    assert.equal(await answer(fetch, `${asked.decision_id}/reject`, { token }), "already_decided");
    assert.deepEqual(ids(await worker.takeAll()), []);
  }, { timer });
});

Deno.test("a no fails the task with its reason, which the run has as its cause", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: CONFIRMED, b: ["a"] }));
    const { decision_id } = await theDecision(fetch);
    const body = { reason: "not on a Friday" };
    assert.equal(await answer(fetch, `${decision_id}/reject`, { body }), "rejected");
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(
      run.error,
      'task "a" failed: rejected by admin: not on a Friday; 1 task was skipped',
    );
    assert.deepEqual(ids(await worker.takeAll()), []);
  });
});

Deno.test("no answer is a no, at the very moment that the time is over", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ node, fetch }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: CONFIRMED }));
    const { decision_id } = await theDecision(fetch);
    timer.advance(599_999);
    assert.equal((await getRun(fetch, run_id)).status, "running");
    timer.advance(1);
    assert.equal(await answer(fetch, `${decision_id}/approve`), "decision_expired");
    await runEnded(node, run_id);
    assert.match((await getRun(fetch, run_id)).error ?? "", /"a" failed: nobody said yes by 20/);
  }, { timer });
});

Deno.test("a decision without a timeout of its own waits as long as the settings say", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch }) => {
    await startDag(fetch, dagOf({ a: { type: "approval" } }));
    const { kind, expires_at } = await theDecision(fetch);
    assert.deepEqual([kind, Date.parse(expires_at) - timer.now()], ["approval", 7_000]);
  }, { timer, config: { decision_expire_sec: 7 } });
});

Deno.test("a countdown does its default when nobody objects, and not a moment sooner", async () => {
  for (
    const [action, task, run] of [
      ["execute", "running", "running"],
      ["skip", "skipped", "completed"],
      ["abort", "failed", "failed"],
    ] as const
  ) {
    const timer = new ManualTimer();
    await withWorker(async ({ fetch, worker }) => {
      const { run_id } = await startDag(fetch, dagOf({ a: countdown(action) }));
      timer.advance(299_999);
      assert.deepEqual(await taskStates(fetch, run_id), { a: "awaiting_decision" });
      timer.advance(1);
      await worker.sync();
      assert.deepEqual(await taskStates(fetch, run_id), { a: task });
      assert.equal((await getRun(fetch, run_id)).status, run);
    }, { timer });
  }
});

Deno.test("an objection stops a countdown, and a yes ends it early", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: countdown("execute") }));
    const objected = await theDecision(fetch);
    assert.equal(await answer(fetch, `${objected.decision_id}/reject`), "rejected");
    assert.deepEqual(await taskStates(fetch, run_id), { a: "failed" });
    await startDag(fetch, dagOf({ x: countdown("abort") }, { dag_id: "other" }));
    const agreed = await theDecision(fetch);
    assert.equal(await answer(fetch, `${agreed.decision_id}/approve`), "approved");
    assert.equal((await worker.take()).task_id, "x");
  });
});

Deno.test("votes: one for each stakeholder, of authenticated ones, and the threshold lets the run go on", async () => {
  await withWorker(async (test) => {
    const { fetch, worker } = test;
    const { run_id } = await startDag(fetch, dagOf({ a: VOTED, free: [] }));
    assert.equal((await getRun(fetch, run_id)).status, "paused");
    assert.deepEqual(ids(await worker.takeAll()), [], "the run waits for them");
    const { decision_id, stakeholders, threshold } = await theDecision(fetch);
    assert.deepEqual([stakeholders, threshold], [["ann", "bob", "eve"], 2]);
    const vote = `${decision_id}/vote`;
    const yes = { vote: "approve" };
    const [ann, sameAnn, mallory] = await Promise.all(
      ["ann", "ann", "mallory"].map((name) => tokenNamed(test, name)),
    );
    assert.ok(ann && sameAnn && mallory);
    assert.equal(await answer(fetch, vote, { token: mallory, body: yes }), "not_a_stakeholder");
    assert.equal(
      await answer(fetch, vote, { body: yes }),
      "not_a_stakeholder",
      "not even an admin",
    );
    assert.equal(await answer(fetch, vote, { token: ann, body: yes }), "open");
    assert.equal(await answer(fetch, vote, { token: ann, body: yes }), "open", "said again");
    const no = { vote: "reject" };
    assert.equal(await answer(fetch, vote, { token: ann, body: no }), "already_decided");
    assert.equal(await answer(fetch, vote, { token: sameAnn, body: yes }), "already_decided");
    const viewer = await test.as(["viewer"]);
    assert.equal(await answer(fetch, vote, { token: viewer, body: yes }), "forbidden");
    assert.equal((await theDecision(fetch)).votes.length, 1);
    // Approve is a vote as well, where votes are what is asked for.
    const bob = await tokenNamed(test, "bob");
    assert.equal(await answer(fetch, `${decision_id}/approve`, { token: bob }), "approved");
    assert.deepEqual(ids(await worker.takeAll()), ["a", "free"]);
    const [decision] = (await getRun(fetch, run_id)).decisions;
    assert.deepEqual([decision?.status, decision?.reason], ["approved", "ann, bob agreed"]);
  });
});

Deno.test("votes that can't reach the threshold any more are a no, and so is their expiry", async () => {
  const timer = new ManualTimer();
  await withWorker(async (test) => {
    const { fetch, node } = test;
    const { run_id } = await startDag(fetch, dagOf({ a: VOTED }));
    const { decision_id } = await theDecision(fetch);
    const body = { vote: "reject", reason: "too risky" };
    for (const [name, state] of [["ann", "open"], ["eve", "rejected"]] as const) {
      const token = await tokenNamed(test, name);
      assert.equal(await answer(fetch, `${decision_id}/vote`, { token, body }), state);
    }
    await runEnded(node, run_id);
    assert.match((await getRun(fetch, run_id)).error ?? "", /rejected: ann, eve disagreed/);
    const other = await startDag(fetch, dagOf({ a: VOTED }, { dag_id: "other" }));
    timer.advance(24 * 60 * 60_000);
    await runEnded(node, other.run_id);
    assert.match((await getRun(fetch, other.run_id)).error ?? "", /not enough stakeholders/);
  }, { timer });
});

Deno.test("a stakeholder may be named by the id of a token", async () => {
  await withWorker(async (test) => {
    const { fetch, node } = test;
    const token = await tokenNamed(test, "carl");
    const id = node.tokens.verify(token)?.tokenId;
    const level = { type: "arbitrated", stakeholders: [id] };
    await startDag(fetch, dagOf({ a: { level } }));
    const { decision_id } = await theDecision(fetch);
    const body = { vote: "approve" };
    assert.equal(await answer(fetch, `${decision_id}/vote`, { token, body }), "approved");
  });
});

Deno.test("who may not decide changes nothing: role, scope, revoked meanwhile, own DAG", async () => {
  await withWorker(async (test) => {
    const { fetch, node } = test;
    const other = await test.as(["publisher"]);
    const doc = dagOf({ a: CONFIRMED });
    const { spec_hash } = await publishDag(fetch, doc);
    const confirm = { method: "POST", body: { spec_hash }, token: await test.as(["approver"]) };
    await call(fetch, "/api/v1/dag/d/confirm", confirm);
    const { decision_id } = await theDecision(fetch);
    const path = `${decision_id}/approve`;
    assert.equal(await answer(fetch, path, { token: other }), "forbidden");
    assert.equal(await answer(fetch, path, { token: await test.as(["viewer"]) }), "forbidden");
    const token = await test.as(["approver"], { scopes: ["project:abc"] });
    assert.equal(await answer(fetch, path, { token }), "scope_not_allowed");
    assert.equal(await answer(fetch, path), "separation_of_duties");
    assert.equal(await answer(fetch, "decision-none/approve"), "decision_not_found");
    assert.equal(node.decisions.load(decision_id)?.status, "open");
    assert.equal(await answer(fetch, path, { token: await test.as(["approver"]) }), "approved");
  }, { config: { separation_of_duties: true } });
});

Deno.test("whoever comes past every route is held by the statement itself, to the millisecond", async () => {
  const clock = new FakeClock();
  await withWorker(async (test) => {
    const { fetch, node } = test;
    await startDag(fetch, dagOf({ a: CONFIRMED }));
    const { decision_id, expires_at } = await theDecision(fetch);
    const directly = async (token: string): Promise<string> => {
      const by = tokenIdOf(node, token);
      return await decideAs(by);
    };
    const decideAs = async (by: string): Promise<string> => {
      const order = { decisionId: decision_id, answer: "approve", by } as const;
      try {
        const row = await node.db.write((tx) =>
          answerDecision(tx, node, { ...order, separationOfDuties: false })
        );
        return row.status;
      } catch (error) {
        if (error instanceof CisError) return error.code;
        throw error;
      }
    };
    assert.equal(await directly(await test.as(["publisher"])), "forbidden");
    const elsewhere = await test.as(["admin"], { scopes: ["user:u"] });
    assert.equal(await directly(elsewhere), "scope_not_allowed");
    const revoked = tokenIdOf(node, await test.as(["approver"]));
    await node.db.write((tx) => node.tokens.revoke(tx, revoked));
    assert.equal(await decideAs(revoked), "unauthenticated");
    assert.equal(await decideAs("tok-none"), "unauthenticated");
    const token = await test.as(["approver"]);
    // The clock moves on, but no alarm rings that would close it.
    clock.jump(Date.parse(expires_at) - clock.now());
    assert.equal(await directly(token), "decision_expired");
    assert.equal(node.decisions.load(decision_id)?.status, "open");
    clock.jump(-1);
    assert.equal(await directly(token), "approved");
  }, { timer: clock });
});

Deno.test("a decision that nobody waits for any more is withdrawn", async () => {
  await withWorker(async ({ fetch, node }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: CONFIRMED, b: { type: "approval" } }));
    const before = await openDecisions(fetch);
    assert.equal(before.length, 2);
    const cancelled = before.find(({ task_id }) => task_id === "a")?.decision_id ?? "";
    await call(fetch, `/api/v1/runs/${run_id}/tasks/a/cancel`, { method: "POST" });
    assert.equal(node.decisions.load(cancelled)?.status, "withdrawn");
    assert.equal(await answer(fetch, `${cancelled}/approve`), "already_decided");
    await act(fetch, run_id, "cancel");
    assert.deepEqual(await openDecisions(fetch), []);
    assert.deepEqual(await taskStates(fetch, run_id), { a: "cancelled", b: "cancelled" });
  });
});

Deno.test("of two countdowns that end at once, one that ends the run withdraws the other", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch, node }) => {
    const both = dagOf({ a: countdown("abort"), b: countdown("abort") });
    const { run_id } = await startDag(fetch, both);
    timer.advance(300_000);
    await runEnded(node, run_id);
    const states = node.decisions.ofRun(run_id).map(({ status }) => status);
    assert.deepEqual(states, ["expired", "withdrawn"]);
    const events = node.events.read({ runId: run_id, after: 0, limit: 100 });
    assert.equal(events.at(-1)?.type, "run.failed", "nothing is told of a run that has ended");
  }, { timer });
});

Deno.test("decisions survive a restart with their time, and those that ended meanwhile are a no", async () => {
  await withTempDir(async (dataDir) => {
    const timer = new ManualTimer();
    const runs: string[] = [];
    await withWorker(async ({ fetch }) => {
      for (
        const [dag_id, task] of [
          ["waits", { type: "approval", level: { type: "confirmed", timeout: "1h" } }],
          ["asked", CONFIRMED],
          ["counts", countdown("execute")],
          ["skips", countdown("skip")],
        ] as const
      ) {
        runs.push((await startDag(fetch, dagOf({ a: task }, { dag_id }))).run_id);
      }
    }, { timer, dataDir });
    timer.advance(600_000);
    const [waits, asked, counts, skips] = runs;
    assert.ok(waits && asked && counts && skips);
    await withNode(async ({ fetch, node }) => {
      const errorOf = async (run: string): Promise<string> =>
        (await getRun(fetch, run)).error ?? "";
      assert.match(await errorOf(asked), /nobody said yes by/);
      assert.match(await errorOf(counts), /while the node was down and nobody could object/);
      assert.equal((await getRun(fetch, skips)).status, "completed");
      assert.equal((await getRun(fetch, waits)).status, "running");
      timer.advance(50 * 60_000 - 1);
      assert.equal((await theDecision(fetch)).run_id, waits);
      timer.advance(1);
      await runEnded(node, waits);
    }, { timer, dataDir, config: { port: 1 } });
  });
});

Deno.test("a decision and what follows from it are one transaction", async () => {
  await withWorker(async ({ fetch, node, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: CONFIRMED }));
    const { decision_id } = await theDecision(fetch);
    node.db.run(`CREATE TEMP TRIGGER full_disk BEFORE UPDATE ON task_runs
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    const response = await fetch(`/api/v1/decisions/${decision_id}/approve`, { method: "POST" });
    assert.equal(response.status, 500);
    await response.body?.cancel();
    assert.equal(node.decisions.load(decision_id)?.status, "open");
    assert.deepEqual(await taskStates(fetch, run_id), { a: "awaiting_decision" });
    node.db.run("DROP TRIGGER full_disk");
    assert.equal(await answer(fetch, `${decision_id}/approve`), "approved");
    assert.equal((await worker.take()).task_id, "a");
  });
});
