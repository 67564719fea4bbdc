/** What people do: publish, confirm, run again, steer, decide, settle; and what they were told. */
import assert from "node:assert/strict";
import type { Tx } from "../../lib/db/database.ts";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import { specHash } from "../../lib/schema/spec_hash.ts";
import { answerDecision } from "../../lib/scheduler/answer_decision.ts";
import { cancelTask } from "../../lib/scheduler/cancel_task.ts";
import { confirm, type ConfirmParts } from "../../lib/scheduler/confirm.ts";
import { publish } from "../../lib/scheduler/publish.ts";
import { reject } from "../../lib/scheduler/reject.ts";
import { resolveDebt } from "../../lib/scheduler/resolve_debt.ts";
import {
  cancelRun,
  pauseRun,
  resumeRun,
  retryRun,
  runAgain,
} from "../../lib/scheduler/run_actions.ts";
import { Requests } from "./requests.ts";
import type { SimNode } from "./sim_node.ts";
import type { World } from "./world.ts";

/** How long a version waits for a yes. */
const EXPIRE_MS = 20_000;
const PEOPLE = ["owner", "ann", "bob"] as const;
/** How often somebody looks after what waits for a person, in the end. */
const TIDY_EVERY_MS = 3_000;

/** Something that was answered, and so has to be true in the end. */
type Promised =
  | { readonly type: "run"; readonly runId: string; readonly by: string }
  | { readonly type: "cancelled"; readonly runId: string }
  | { readonly type: "decided"; readonly decisionId: string; readonly status: string }
  | { readonly type: "resolved"; readonly debtId: string };

function confirmParts(node: SimNode): ConfirmParts {
  const { db, specs, events, beginRun, schedules } = node;
  return { db, specs, events, beginRun, schedules, separationOfDuties: false };
}

export class People {
  readonly #world: World;
  readonly requests: Requests;
  readonly promised: Promised[] = [];
  #keys = 0;

  constructor(world: World) {
    this.#world = world;
    this.requests = new Requests(world);
  }

  /** They get their tokens. */
  arrive(): void {
    for (const name of PEOPLE) {
      this.#world.disk.all(
        `INSERT INTO tokens (token_id, name, secret_hash, roles, created_at) VALUES (?,?,?,?,0)`,
        name,
        name,
        name,
        name === "owner" ? '["admin"]' : '["approver"]',
      );
    }
  }

  /** Publishes a DAG and decides on it a while later. */
  publish(spec: DagSpec): void {
    const spec_hash = specHash(spec);
    const parsed = {
      ok: true as const,
      spec,
      spec_hash,
      scope_source: "spec" as const,
      warnings: [],
    };
    this.requests.ask({
      what: `publish ${spec.dag_id}`,
      perform: (tx, node) => {
        const order = { parsed, publishedBy: "owner", expireMs: EXPIRE_MS, policy: null };
        const { version } = publish(tx, node, order);
        tx.afterCommit(() => node.expirer.setAlarm());
        return version;
      },
      answered: () => this.#decide(spec.dag_id, spec_hash),
    });
  }

  /** Does something or other. */
  act(): void {
    const { chance, specs } = this.#world;
    const runId = this.#some(
      "SELECT run_id AS id FROM dag_runs WHERE finished_at IS NULL ORDER BY 1",
    );
    const ended = this.#some(
      "SELECT run_id AS id FROM dag_runs WHERE finished_at IS NOT NULL ORDER BY 1",
    );
    const dagId = chance.oneOf(specs).dag_id;
    const actions: (() => void)[] = [
      () => this.#runAgain(dagId),
      () => this.publish(this.#changed()),
    ];
    if (runId !== undefined) {
      actions.push(
        () => this.#cancel(runId),
        () => this.#steer(runId, "pause"),
        () => this.#steer(runId, "pause"),
        () => this.#steer(runId, "resume"),
        () => this.#cancelTask(runId),
        () => this.#cancelTask(runId),
      );
    }
    if (ended !== undefined) actions.push(() => this.#retry(ended), () => this.#retry(ended));
    const debtId = this.#some(
      "SELECT debt_id AS id FROM debts WHERE status = 'open' ORDER BY run_id, task_id",
    );
    if (debtId !== undefined) {
      actions.push(() => this.#resolve(debtId), () => this.#resolve(debtId));
    }
    chance.oneOf(actions)();
  }

  /** Answers a question, if there is one. */
  answer(): void {
    const id = this.#some(
      "SELECT decision_id AS id FROM decisions WHERE status = 'open' ORDER BY run_id, task_id",
    );
    if (id === undefined) return;
    const { chance } = this.#world;
    const answer = chance.happens(0.7) ? "approve" as const : "reject" as const;
    const by = chance.oneOf(PEOPLE);
    this.requests.ask({
      what: `${by}: ${answer} ${id}`,
      perform: (tx, node) =>
        answerDecision(tx, node, { decisionId: id, answer, by, separationOfDuties: false }).status,
      answered: (status) => {
        if (status !== "open") this.promised.push({ type: "decided", decisionId: id, status });
      },
    });
  }

  /** In the end, sees to it that nothing waits for a person, as long as runs are open. */
  tidyUp(until: number): void {
    const { disk, time } = this.#world;
    const held = disk.all<{ run_id: string }>(
      "SELECT run_id FROM dag_runs WHERE held = 1 AND finished_at IS NULL ORDER BY created_at",
    );
    for (const { run_id } of held) this.#steer(run_id, "resume");
    this.answer();
    const scheduled = disk.all<{ dag_id: string }>(
      "SELECT dag_id FROM schedules WHERE enabled = 1 ORDER BY dag_id",
    );
    for (const { dag_id } of scheduled) this.#switchOff(dag_id);
    const [open] = disk.all("SELECT 1 FROM dag_runs WHERE finished_at IS NULL LIMIT 1");
    const isTidy = open === undefined && scheduled.length === 0 && this.requests.open === 0;
    if (isTidy || time.elapsed > until) return;
    time.after(TIDY_EVERY_MS, () => this.tidyUp(until));
  }

  /** Holds what people were told against what there is. */
  checkPromises(): void {
    const one = <T>(sql: string, id: string): T | undefined => this.#world.disk.all<T>(sql, id)[0];
    for (const told of this.promised) {
      if (told.type === "run") {
        const run = one("SELECT 1 FROM dag_runs WHERE run_id = ?", told.runId);
        assert.ok(run, `a run is lost that ${told.by} was answered with`);
      } else if (told.type === "cancelled") {
        const run = one<{ status: string }>(
          "SELECT status FROM dag_runs WHERE run_id = ?",
          told.runId,
        );
        assert.match(
          run?.status ?? "",
          /^(cancelled|failed)$/,
          "a cancel that was answered is lost",
        );
      } else if (told.type === "decided") {
        const sql = "SELECT status FROM decisions WHERE decision_id = ?";
        assert.equal(one<{ status: string }>(sql, told.decisionId)?.status, told.status);
      } else {
        const sql = "SELECT status FROM debts WHERE debt_id = ?";
        assert.equal(one<{ status: string }>(sql, told.debtId)?.status, "resolved");
      }
    }
    for (const by of ["confirm", "run", "retry", "debt"]) this.#checkOnce(by);
  }

  /** A request began one run, however often it was sent, and who sent it was told of that one. */
  #checkOnce(by: string): void {
    const told = new Set(
      this.promised.flatMap((each) => each.type === "run" && each.by === by ? [each.runId] : []),
    );
    const begun = this.#world.disk.all("SELECT 1 FROM dag_runs WHERE triggered_by = ?", by).length;
    assert.equal(begun, told.size, `runs by "${by}"`);
  }

  /** Confirms a version, or rejects it, when it has been looked at. */
  #decide(dagId: string, specHash: string): void {
    const { chance } = this.#world;
    const wait = chance.span(10, 30_000);
    if (chance.happens(0.1)) {
      const order = { dagId, specHash, rejectedBy: "ann", reason: "no" };
      const perform = (tx: Tx, node: SimNode): number => reject(tx, node, order).version;
      return this.requests.ask({ what: `reject ${dagId}`, perform }, wait);
    }
    this.requests.ask({
      what: `confirm ${dagId}`,
      perform: (tx, node) =>
        confirm(tx, confirmParts(node), { dagId, specHash, confirmedBy: "ann" }).run_id ?? "",
      answered: (runId) => this.promised.push({ type: "run", runId, by: "confirm" }),
    }, wait);
  }

  #runAgain(dagId: string): void {
    this.#begin(
      "run",
      `run ${dagId}`,
      (tx, node) => runAgain(tx, node, { dagId, by: "owner" }).run_id,
    );
  }

  #retry(runId: string): void {
    const { chance, story } = this.#world;
    const fromScratch = chance.happens(0.2);
    const one = chance.happens(0.3) ? chance.oneOf(story.run(runId).taskIds) : undefined;
    const taskId = fromScratch ? undefined : one;
    this.#begin(
      "retry",
      `retry ${runId}`,
      (tx, node) => retryRun(tx, node, { runId, by: "owner", fromScratch, taskId }).run_id,
    );
  }

  #resolve(debtId: string): void {
    const resume = this.#world.chance.happens(0.6);
    const order = { debtId, by: "owner", reason: "settled", resume };
    this.requests.ask({
      what: `resolve ${debtId}`,
      key: `key ${++this.#keys}`,
      perform: (tx, node) => resolveDebt(tx, node, order).resumed_by_run,
      answered: (runId) => {
        this.promised.push({ type: "resolved", debtId });
        if (runId !== null) this.promised.push({ type: "run", runId, by: "debt" });
      },
    });
  }

  #begin(
    by: "run" | "retry",
    what: string,
    perform: (tx: Tx, node: SimNode) => string,
  ): void {
    this.requests.ask({
      what,
      key: `key ${++this.#keys}`,
      perform,
      answered: (runId) => this.promised.push({ type: "run", runId, by }),
    });
  }

  #cancel(runId: string): void {
    this.requests.ask({
      what: `cancel ${runId}`,
      perform: (tx, node) => cancelRun(tx, node, { runId, byName: "owner" }).status,
      answered: () => this.promised.push({ type: "cancelled", runId }),
    });
  }

  #cancelTask(runId: string): void {
    const taskId = this.#world.chance.oneOf(this.#world.story.run(runId).taskIds);
    this.requests.ask({
      what: `cancel ${taskId} of ${runId}`,
      perform: (tx, node) => cancelTask(tx, node, { runId, taskId, byName: "owner" }),
    });
  }

  #steer(runId: string, how: "pause" | "resume"): void {
    const steer = how === "pause" ? pauseRun : resumeRun;
    this.requests.ask({
      what: `${how} ${runId}`,
      perform: (tx, node) => steer(tx, node, runId).status,
    });
  }

  #switchOff(dagId: string): void {
    this.requests.ask({
      what: `switch the schedule of ${dagId} off`,
      perform: (tx, node) => node.schedules.setEnabled(tx, { dagId, enabled: false, by: "owner" }),
    });
  }

  /** A DAG with something else in it than before. */
  #changed(): DagSpec {
    const spec = this.#world.chance.oneOf(this.#world.specs);
    return { ...spec, description: `change ${++this.#keys}` };
  }

  #some(sql: string): string | undefined {
    const rows = this.#world.disk.all<{ id: string }>(sql);
    return rows.length === 0 ? undefined : this.#world.chance.oneOf(rows).id;
  }
}
