/** A run machine whose every change is held against the rules, told in words of their own. */
import assert from "node:assert/strict";
import type { DagSpec, TaskSpec } from "../../lib/schema/dag_spec.ts";
import {
  isFinalRun,
  isFinalTask,
  RUN_TRANSITIONS,
  TASK_TRANSITIONS,
} from "../../lib/schema/states.ts";
import {
  createRunMachine,
  nextReady,
  nodeAt,
  restoreRunMachine,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  type StoredRun,
  transition,
  type Verdict,
} from "../../lib/scheduler/run_machine.ts";

/** What may happen next; which of the possible ones is up to `pick`. */
export const HAPPENINGS = [
  ...["claim", "claim", "claim", "complete", "complete", "complete", "fail", "lose", "due"],
  ...["stale", "approve", "approve", "reject", "expire", "miss", "cancel", "refuse"],
  ...["pause", "resume", "resume"],
] as const;
export type Happening = readonly [pick: number, what: string];

const VERDICTS: Readonly<Record<string, Verdict>> = {
  approve: "approved",
  reject: "rejected",
  expire: "expired",
  miss: "missed",
};

export interface CheckedRunOptions {
  /** The clock stands still, so that all times are alike. */
  readonly still?: boolean;
  /** Another one than a new one. */
  readonly machine?: RunMachine;
  /** Lets an event happen to it; by itself only the machine changes. */
  readonly apply?: (event: RunEvent) => RunEffect[];
}

export class CheckedRun {
  readonly spec: DagSpec;
  readonly machine: RunMachine;
  now = 1;
  /** Whether the clock stands still, so that all times are alike. */
  readonly #still: boolean;
  readonly #apply: (event: RunEvent) => RunEffect[];
  /** Every lease that ever was, with its task. */
  readonly leases: { id: string; lease: string }[] = [];
  /** What was told, replayed. */
  readonly told: { run: string; tasks: string[]; rollbacks: (string | null)[] };
  /** Ids in the order in which they completed. */
  readonly completedIds: string[] = [];
  /** Ids whose rollback has begun, in order. */
  readonly rolledBack: string[] = [];
  /** Ids that a decision has let start. */
  readonly cleared = new Set<string>();
  /** Everything that was told, with ids in place of indexes. */
  readonly story: object[] = [];

  constructor(spec: DagSpec, options: CheckedRunOptions = {}) {
    const { still = false, machine = createRunMachine(spec) } = options;
    this.spec = spec;
    this.#still = still;
    this.machine = machine;
    this.#apply = options.apply ?? ((event) => transition(machine, event, this.now));
    this.told = {
      run: "queued",
      tasks: spec.tasks.map(() => "pending"),
      rollbacks: spec.tasks.map(() => null),
    };
  }

  happen(event: RunEvent): RunEffect[] {
    const before = structuredClone(this.machine);
    if (!this.#still) this.now++;
    const effects = this.#apply(event);
    for (const effect of effects) this.#replay(effect);
    this.#checkReplay();
    this.#checkCounts();
    this.machine.tasks.forEach((_, index) => this.#checkTask(before, index));
    if (effects.length === 0) assert.deepEqual(structuredClone(this.machine), before, event.type);
    this.#checkRestored();
    return effects;
  }

  #replay(effect: RunEffect): void {
    const { told } = this;
    if ("index" in effect) {
      const { index, ...rest } = effect;
      this.story.push({ ...rest, id: this.id(index) });
    } else this.story.push(effect);
    if (effect.type === "task") {
      const { index, from, to } = effect;
      assert.ok(TASK_TRANSITIONS[from].includes(to), `task ${from} → ${to}`);
      assert.equal(told.tasks[index], from, "the effects tell another story");
      told.tasks[index] = to;
      if (to === "completed") this.completedIds.push(this.id(index));
      if (to === "ready") this.#checkCondition(index);
    } else if (effect.type === "run") {
      assert.ok(RUN_TRANSITIONS[effect.from].includes(effect.to), `${effect.from} → ${effect.to}`);
      assert.equal(told.run, effect.from);
      told.run = effect.to;
    } else if (effect.type === "rollback") {
      assert.equal(told.rollbacks[effect.index], effect.from);
      told.rollbacks[effect.index] = effect.to;
      if (effect.to === "running") this.#checkRollback(effect.index);
    }
  }

  #checkReplay(): void {
    const { machine, told } = this;
    assert.equal(machine.status, told.run);
    assert.deepEqual(machine.tasks.map(({ status }) => status), told.tasks);
    assert.deepEqual(machine.tasks.map(({ rollback }) => rollback), told.rollbacks);
  }

  /** What `run_if` means, by the states alone. */
  #checkCondition(index: number): void {
    if (nodeAt(this.machine, index).attempt > 0) return;
    const { run_if, depends_on } = this.task(index);
    const states = depends_on.map((id) => this.told.tasks[this.index(id)] ?? "");
    if (run_if === "all_success") {
      assert.ok(states.every((state) => state === "completed" || state === "debt"), "all_success");
      return;
    }
    assert.ok(
      states.every((state) =>
        ["completed", "debt", "failed", "skipped", "cancelled"].includes(state)
      ),
      `${run_if}: not all have ended`,
    );
    if (run_if === "any_failed") {
      assert.ok(depends_on.some((id) => this.wentWrong(id)), "any_failed");
    }
  }

  /** Whether a task failed, or was skipped behind one that did. */
  wentWrong(id: string): boolean {
    const state = this.told.tasks[this.index(id)] ?? "";
    if (state !== "skipped") return ["failed", "debt", "cancelled"].includes(state);
    return this.task(this.index(id)).depends_on.some((before) => this.wentWrong(before));
  }

  #checkRollback(index: number): void {
    assert.ok(this.machine.tasks.every(({ status }) => isFinalTask(status)), "tasks are open");
    assert.equal(nodeAt(this.machine, index).status, "completed");
    const id = this.id(index);
    if (this.rolledBack.at(-1) === id) return;
    assert.ok(!this.rolledBack.includes(id), "rolled back twice");
    const later = this.completedIds.slice(this.completedIds.indexOf(id) + 1)
      .filter((other) => this.task(this.index(other)).rollback.length > 0);
    assert.deepEqual([...this.rolledBack].reverse(), later, "not in the reverse order");
    this.rolledBack.push(id);
  }

  #checkCounts(): void {
    const { machine, spec } = this;
    const atWork = machine.tasks.flatMap(({ status, rollback }, index) =>
      status === "running" || rollback === "running" ? [index] : []
    );
    assert.equal(machine.running, atWork.length, "running");
    assert.ok(machine.running <= spec.max_parallel, "max_parallel");
    const slots = atWork.filter((index) =>
      this.task(index).type !== "noop" || nodeAt(machine, index).rollback === "running"
    );
    assert.equal(machine.slots, slots.length, "slots");
    assert.equal(machine.completed, this.indexes("completed").length, "completed");
    const open = machine.tasks.filter(({ status }) => !isFinalTask(status)).length;
    assert.equal(machine.open, open, "open");
    const undoing = machine.tasks.some(({ rollback }) =>
      rollback === "pending" || rollback === "running"
    );
    if (undoing) assert.equal(machine.status, "running", "a rollback is not paused");
    if (isFinalRun(machine.status)) assert.ok(open === 0 && !undoing, "it ended before its tasks");
    else if (machine.status === "running") assert.ok(open > 0 || undoing, "nothing is left to do");
    const votes = this.indexes("awaiting_decision")
      .filter((index) => this.task(index).level.type === "arbitrated");
    if (votes.length > 0) assert.equal(machine.status, "paused", "votes pause the run");
  }

  #checkTask(before: RunMachine, index: number): void {
    const task = nodeAt(this.machine, index);
    const was = nodeAt(before, index);
    const works = task.status === "running" || task.rollback === "running";
    assert.equal(task.lease !== null, works, "a lease is held while it runs");
    assert.equal(task.retryAt !== null, task.status === "retry_wait");
    assert.equal(task.finishedAt !== null, isFinalTask(task.status));
    assert.equal(task.endedSeq !== null, isFinalTask(task.status));
    if (isFinalTask(was.status)) {
      const { rollback: _, lease: _lease, attempt: _attempt, error: _error, losses: _l, ...end } =
        structuredClone(task);
      const { rollback: _w, lease: _wl, attempt: _wa, error: _we, losses: _wo, ...wasEnd } = was;
      assert.deepEqual(end, wasEnd, "an end is final");
      const began = task.rollback === "running" && was.rollback !== "running";
      assert.equal(task.attempt, was.attempt + (began ? 1 : 0));
    }
    if (task.status !== "running" || was.status === "running") return;
    assert.equal(task.attempt, was.attempt + 1);
    assert.equal(before.status, "running", "nothing starts in a run that is paused");
    const { type, level } = this.task(index);
    assert.notEqual(type, "approval", "an approval has no work");
    if (level.type !== "mechanical") assert.ok(this.cleared.has(this.id(index)), "undecided");
  }

  /** What was stored at any moment is the run as it is. */
  #checkRestored(): void {
    const restored = restoreRunMachine(this.spec, storedOf(this.machine));
    assert.deepEqual(comparable(restored), comparable(this.machine));
    assert.equal(nextReady(restored), nextReady(this.machine));
  }

  id(index: number): string {
    return this.task(index).id;
  }

  task(index: number): TaskSpec {
    const task = this.spec.tasks[index];
    if (task === undefined) throw new RangeError(`no task ${index}`);
    return task;
  }

  index(id: string): number {
    return this.spec.tasks.findIndex((task) => task.id === id);
  }

  /** Indexes of the tasks in a state, by id: in the same order whatever the file's. */
  indexes(status: string): number[] {
    return this.byId(
      this.machine.tasks.flatMap((task, index) => task.status === status ? [index] : []),
    );
  }

  byId(indexes: readonly number[]): number[] {
    return [...indexes].sort((a, b) => this.id(a) < this.id(b) ? -1 : 1);
  }

  /** Indexes of what runs, rollbacks included. */
  atWork(): number[] {
    return this.byId(
      this.machine.tasks.flatMap(({ lease }, index) => lease === null ? [] : [index]),
    );
  }

  lease(index: number): string {
    return nodeAt(this.machine, index).lease ?? "";
  }

  /** Lets something happen, as far as it is possible now. */
  take([pick, what]: Happening): void {
    const one = (list: readonly number[]): number | undefined => list[pick % (list.length || 1)];
    const verdict = VERDICTS[what];
    if (verdict !== undefined) {
      const index = one(this.indexes("awaiting_decision"));
      if (index !== undefined) this.decide(index, verdict);
      return;
    }
    switch (what) {
      case "claim": {
        const index = nextReady(this.machine);
        if (index !== undefined) this.claim(index);
        return;
      }
      case "refuse": {
        const index = nextReady(this.machine);
        if (index !== undefined && pick % 4 === 0) {
          this.happen({ type: "refuse", index, reason: "not permitted" });
        }
        return;
      }
      case "due": {
        const index = one(this.indexes("retry_wait"));
        if (index !== undefined) this.happen({ type: "retry_due", index });
        return;
      }
      case "cancel": {
        const index = one(this.byId(this.spec.tasks.map((_, at) => at)));
        if (index !== undefined && pick % 3 === 0) {
          this.happen({ type: "cancel_task", index, reason: "cancelled by ann" });
        }
        return;
      }
      case "pause":
      case "resume":
        this.happen({ type: what });
        return;
      case "stale":
        return this.#stale(pick);
    }
    const index = one(this.atWork());
    if (index === undefined) return;
    this.happen(endOf(what, { index, lease: this.lease(index), random: (pick % 100) / 100 }));
  }

  claim(index: number): void {
    const lease = `lease-${this.leases.length}`;
    this.leases.push({ id: this.id(index), lease });
    assert.equal(this.happen({ type: "claim", index, lease }).length, 1);
  }

  decide(index: number, verdict: Verdict): void {
    const { level } = this.task(index);
    const execute = level.type === "recommended" && level.default_action === "execute";
    if (verdict === "approved" || (verdict === "expired" && execute)) {
      this.cleared.add(this.id(index));
    }
    this.happen({ type: "decided", index, verdict, reason: `${verdict} by ann` });
  }

  /** What is over must change nothing: old leases, decisions that were taken. */
  #stale(pick: number): void {
    const old = this.leases.filter(({ id, lease }) => this.lease(this.index(id)) !== lease);
    const chosen = old[pick % (old.length || 1)];
    if (chosen !== undefined) {
      const about = { index: this.index(chosen.id), lease: chosen.lease, random: 0 };
      for (const what of ["complete", "fail", "lose"]) {
        assert.deepEqual(this.happen(endOf(what, about)), []);
      }
    }
    const rollingBack = this.machine.open === 0;
    if (rollingBack) assert.deepEqual(this.happen({ type: "pause" }), []);
    this.machine.tasks.forEach(({ status }, index) => {
      if (this.machine.status !== "running") {
        assert.deepEqual(this.happen({ type: "claim", index, lease: "too soon" }), []);
      }
      if (status === "awaiting_decision") return;
      const decided = { type: "decided", index, verdict: "approved", reason: "late" } as const;
      assert.deepEqual(this.happen(decided), []);
    });
  }

  /** Ends every attempt and every decision, in one way or another, until nothing is left to do. */
  drain(how: (index: number) => string = () => "complete"): void {
    const limit = 20 * this.spec.tasks.length + 20;
    for (let round = 0; !isFinalRun(this.machine.status); round++) {
      assert.ok(round < limit, "the run doesn't end although all that it waits for does");
      this.happen({ type: "resume" });
      for (const index of this.indexes("awaiting_decision")) {
        if (nodeAt(this.machine, index).status !== "awaiting_decision") continue;
        this.decide(index, VERDICTS[how(index)] ?? "approved");
      }
      for (const index of this.indexes("retry_wait")) this.happen({ type: "retry_due", index });
      for (let i = nextReady(this.machine); i !== undefined; i = nextReady(this.machine)) {
        this.claim(i);
      }
      for (const index of this.atWork()) {
        const lease = this.lease(index);
        if (lease !== "") this.happen(endOf(how(index), { index, lease, random: 0.5 }));
      }
    }
  }
}

function endOf(
  what: string,
  { index, lease, random }: { index: number; lease: string; random: number },
): RunEvent {
  if (what === "fail") return { type: "failed", index, lease, error: "boom", random };
  if (what === "lose") return { type: "lost", index, lease, reason: "gone" };
  return { type: "completed", index, lease, hasOutputs: random > 0.5 };
}

/** What the database keeps of a machine. */
export function storedOf({ status, held, error, tasks }: RunMachine): StoredRun {
  return structuredClone({
    ...{ status, held, error },
    tasks: tasks.map(({ waitingFor: _, ...task }) => task),
  });
}

/** A machine without entries of its heap that mean nothing any more. */
export function comparable(machine: RunMachine): object {
  const { ready, ...rest } = structuredClone(machine);
  const isReady = (place: number): boolean =>
    machine.tasks[machine.order[place] ?? -1]?.status === "ready";
  return { ...rest, ready: [...new Set(ready.filter(isReady))].sort((a, b) => a - b) };
}
