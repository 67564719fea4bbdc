/** What the engine has stored after every event is the run as it is in memory, rows and all. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Database } from "../../lib/db/database.ts";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import { isFinalRun } from "../../lib/schema/states.ts";
import { Alarms } from "../../lib/scheduler/alarms.ts";
import { DebtStore } from "../../lib/scheduler/debt_store.ts";
import { DecisionStore } from "../../lib/scheduler/decision_store.ts";
import { Engine } from "../../lib/scheduler/engine.ts";
import { EventLog } from "../../lib/scheduler/event_log.ts";
import {
  isRollingBack,
  nodeAt,
  restoreRunMachine,
  type RunEffect,
  type RunEvent,
} from "../../lib/scheduler/run_machine.ts";
import { RunStore } from "../../lib/scheduler/run_store.ts";
import { SpecStore } from "../../lib/scheduler/spec_store.ts";
import { TaskTimes } from "../../lib/scheduler/task_times.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { CheckedRun, comparable, type Happening, HAPPENINGS } from "./checked_run.ts";
import { randomSpec } from "./random_spec.ts";

const RUN = "run";
const happening: fc.Arbitrary<Happening> = fc.tuple(fc.nat(1000), fc.constantFrom(...HAPPENINGS));

/** An engine with a store of its own and one run in it. */
class StoredRun implements Disposable {
  readonly #db = new Database(":memory:");
  readonly #runs = new RunStore(this.#db);
  readonly #decisions = new DecisionStore(this.#db);
  readonly #debts = new DebtStore(this.#db);
  readonly #events = new EventLog(this.#db);
  readonly #alarms = new Alarms(new ManualTimer());
  readonly #engine: Engine;
  readonly run: CheckedRun;
  readonly #spec: DagSpec;

  constructor(spec: DagSpec) {
    this.#spec = spec;
    const specs = new SpecStore(this.#db);
    this.#engine = new Engine({
      db: this.#db,
      runs: this.#runs,
      specs,
      events: this.#events,
      alarms: this.#alarms,
      decisions: this.#decisions,
      debts: this.#debts,
      times: new TaskTimes(this.#db),
      decisionExpireMs: 1000,
    });
    const machine = this.#db.writeNow((tx) => {
      this.#db.run(`INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
        VALUES ('t', 't', 'h', '[]', 0)`);
      specs.save(tx, {
        ...{
          spec,
          specHash: "0".repeat(64),
          scopeSource: "spec",
          warnings: [],
          version: 1,
          policy: null,
        },
        ...{ publishedBy: "t", expiresAt: 1 },
      });
      const active = this.#engine.begin(tx, {
        ...{ runId: RUN, spec, version: 1, nodeId: "n", workerId: "w", triggeredBy: "test" },
        ...{ confirmedBy: null, retryOf: null, deadlineAt: null },
      });
      return active.machine;
    });
    this.run = new CheckedRun(spec, { machine, apply: (event) => this.#apply(event) });
  }

  #apply(event: RunEvent): RunEffect[] {
    return this.#db.writeNow((tx) => {
      const active = this.#engine.get(RUN);
      if (active === undefined) return [];
      const before = structuredClone(active.machine.tasks);
      const rollback = isRollingBack(active.machine);
      const effects = this.#engine.transact(tx, () => this.#engine.apply(tx, active, event));
      active.machine.tasks.forEach((task, index) => {
        const was = before[index];
        if (was === undefined || was.lease === task.lease) return;
        if (was.lease !== null) {
          const ref = { index, attempt: was.attempt, lease: was.lease };
          this.#runs.attempts.end(RUN, ref, { status: "lost", at: tx.now });
        }
        if (task.lease === null) return;
        this.#runs.attempts.begin(tx, RUN, {
          ...{ task_index: index, attempt: task.attempt, lease: task.lease },
          ...{ kind: rollback ? "rollback" : "task", worker_id: "w", instance: "i" },
        });
      });
      if (event.type === "completed" && nodeAt(active.machine, event.index).hasOutputs) {
        this.#runs.saveOutputs(RUN, event.index, "1");
      }
      return effects;
    });
  }

  /** Fails unless the rows make the same machine, and agree with what was told. */
  check(): void {
    const { machine, told } = this.run;
    const row = this.#runs.load(RUN);
    assert.ok(row);
    const restored = restoreRunMachine(this.#spec, {
      status: row.status,
      held: row.held === 1,
      error: row.error,
      tasks: this.#runs.storedTasks(RUN),
    });
    assert.deepEqual(comparable(restored), comparable(machine));
    assert.equal(row.finished_at !== null, isFinalRun(machine.status));
    assert.equal(row.completed_tasks, machine.completed);
    const waiting = machine.tasks.filter(({ status }) => status === "awaiting_decision").length;
    const open = this.#decisions.list({ status: "open", limit: 100 });
    assert.equal(open.length, waiting, "one open decision for each task that waits");
    const debts = told.tasks.filter((state) => state === "debt").length;
    assert.equal(this.#debts.ofRun(RUN).length, debts, "one debt for each");
    const history = new Map<string, string>();
    for (const { type, task_id } of this.#events.read({ runId: RUN, after: 0, limit: 10_000 })) {
      const [subject, state = ""] = type.split(".");
      if (subject === "task" && task_id !== null) history.set(task_id, state);
    }
    this.#spec.tasks.forEach(({ id }, index) => {
      assert.equal(history.get(id) ?? "pending", told.tasks[index], "the history tells of another");
    });
  }

  [Symbol.dispose](): void {
    this.#alarms.stop();
    this.#db.close();
  }
}

Deno.test("after every event the rows make the run that is in memory, and the history agrees", () => {
  fc.assert(
    fc.property(randomSpec, fc.array(happening, { maxLength: 50 }), (spec, steps) => {
      using stored = new StoredRun(spec);
      const { run } = stored;
      run.happen({ type: "start" });
      stored.check();
      for (const each of steps) {
        run.take(each);
        stored.check();
      }
      run.drain((index) => index % 4 === 0 ? "fail" : "complete");
      stored.check();
    }),
    { numRuns: 150 },
  );
});
