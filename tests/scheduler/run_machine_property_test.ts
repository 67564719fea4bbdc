import assert from "node:assert/strict";
import fc from "fast-check";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
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
  type StoredTask,
  transition,
} from "../../lib/scheduler/run_machine.ts";
import { makeSpec } from "./make_spec.ts";

/** One task of a random DAG; it depends on some of those before it. */
interface RandomTask {
  readonly depends: readonly number[];
  readonly type: "shell" | "noop" | "approval";
  readonly idempotent: boolean;
  readonly attempts: number;
}

/** A step of a random history: which of the things that are possible happens. */
type Step = readonly [
  pick: number,
  what: "claim" | "refuse" | "complete" | "fail" | "lose" | "due" | "stale",
];

const randomTask: fc.Arbitrary<RandomTask> = fc.record({
  depends: fc.array(fc.nat(30), { maxLength: 4 }),
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constant("shell" as const) },
    { weight: 2, arbitrary: fc.constant("noop" as const) },
    { weight: 1, arbitrary: fc.constant("approval" as const) },
  ),
  idempotent: fc.boolean(),
  attempts: fc.integer({ min: 1, max: 3 }),
});
const randomSpec = fc.record({
  tasks: fc.array(randomTask, { minLength: 1, maxLength: 14 }),
  maxParallel: fc.integer({ min: 1, max: 5 }),
}).map(({ tasks, maxParallel }) => specOf(tasks, maxParallel));
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(1000),
  fc.constantFrom(
    ...(["claim", "claim", "complete", "complete", "fail", "lose", "due", "stale"] as const),
    "refuse",
  ),
);
const history = fc.array(step, { maxLength: 80 });

function specOf(tasks: readonly RandomTask[], max_parallel: number): DagSpec {
  return makeSpec(
    Object.fromEntries(tasks.map((task, index) => {
      const depends = index === 0 ? [] : [...new Set(task.depends.map((n) => n % index))];
      return [`t${index}`, {
        type: task.type,
        command: task.type === "shell" ? "true" : undefined,
        depends_on: depends.map((n) => `t${n}`),
        idempotent: task.idempotent,
        retry: { max_attempts: task.attempts, delay: "1s", jitter: 0.2 },
      }];
    })),
    { max_parallel },
  );
}

/** A machine whose every change is held against the rules. */
class Checked {
  readonly spec: DagSpec;
  machine: RunMachine;
  now = 1;
  /** Every lease that ever was, with its task. */
  readonly leases: { index: number; lease: string }[] = [];
  /** What was told of each task, replayed. */
  readonly told: string[];

  constructor(spec: DagSpec) {
    this.spec = spec;
    this.machine = createRunMachine(spec);
    this.told = spec.tasks.map(() => "pending");
  }

  happen(event: RunEvent): RunEffect[] {
    const before = structuredClone(this.machine);
    const effects = transition(this.machine, event, ++this.now);
    for (const effect of effects) this.#checkEffect(effect);
    this.#checkCounts();
    this.#checkTasks(before);
    if (effects.length === 0) assert.deepEqual(structuredClone(this.machine), before);
    return effects;
  }

  #checkEffect(effect: RunEffect): void {
    if (effect.type === "task") {
      assert.ok(
        TASK_TRANSITIONS[effect.from].includes(effect.to),
        `task ${effect.from} → ${effect.to}`,
      );
      assert.equal(this.told[effect.index], effect.from, "the effects tell another story");
      this.told[effect.index] = effect.to;
    } else if (effect.type === "run") {
      assert.ok(
        RUN_TRANSITIONS[effect.from].includes(effect.to),
        `run ${effect.from} → ${effect.to}`,
      );
    }
  }

  #checkCounts(): void {
    const { machine, spec } = this;
    const withStatus = (wanted: string): number[] =>
      machine.tasks.flatMap(({ status }, index) => status === wanted ? [index] : []);
    const running = withStatus("running");
    assert.equal(machine.running, running.length, "running");
    assert.ok(machine.running <= spec.max_parallel, "max_parallel");
    const slots = running.filter((index) => spec.tasks[index]?.type !== "noop");
    assert.equal(machine.slots, slots.length, "slots");
    assert.equal(machine.completed, withStatus("completed").length, "completed");
    const open = machine.tasks.filter(({ status }) => !isFinalTask(status)).length;
    assert.equal(machine.open, open, "open");
    if (isFinalRun(machine.status)) assert.equal(open, 0, "an ended run has open tasks");
    else if (machine.status === "running") assert.ok(open > 0, "a run goes on without open tasks");
    assert.deepEqual(machine.tasks.map(({ status }) => status), this.told);
  }

  #checkTasks(before: RunMachine): void {
    this.machine.tasks.forEach((task, index) => {
      const was = nodeAt(before, index);
      assert.equal(task.lease !== null, task.status === "running", "a lease is held while it runs");
      assert.equal(task.retryAt !== null, task.status === "retry_wait");
      assert.equal(task.finishedAt !== null, isFinalTask(task.status));
      if (isFinalTask(was.status)) assert.deepEqual(structuredClone(task), was, "an end is final");
      if (task.status === "running" && was.status !== "running") {
        assert.equal(task.attempt, was.attempt + 1);
        for (const id of this.spec.tasks[index]?.depends_on ?? []) {
          const needed = this.spec.tasks.findIndex((other) => other.id === id);
          assert.equal(nodeAt(this.machine, needed).status, "completed", `${id} wasn't done`);
        }
      }
    });
  }

  indexes(status: string): number[] {
    return this.machine.tasks.flatMap((task, index) => task.status === status ? [index] : []);
  }

  lease(index: number): string {
    return nodeAt(this.machine, index).lease ?? "";
  }

  /** Takes a step of a history, as far as it is possible now. */
  take([pick, what]: Step): void {
    const one = (list: readonly number[]): number | undefined => list[pick % (list.length || 1)];
    if (what === "claim") {
      const index = nextReady(this.machine);
      if (index !== undefined) this.claim(index);
      return;
    }
    if (what === "refuse") {
      const index = nextReady(this.machine);
      if (index === undefined) return;
      const effects = this.happen({ type: "refuse", index, reason: "not allowed" });
      assert.deepEqual(effects[0], { type: "task", index, from: "ready", to: "failed" });
      return;
    }
    if (what === "due") {
      const index = one(this.indexes("retry_wait"));
      if (index !== undefined) this.happen({ type: "retry_due", index });
      return;
    }
    if (what === "stale") return this.#stale(pick);
    const index = one(this.indexes("running"));
    if (index === undefined) return;
    this.happen(endOf(what, { index, lease: this.lease(index), random: (pick % 100) / 100 }));
  }

  claim(index: number): void {
    const lease = `lease-${this.leases.length}`;
    this.leases.push({ index, lease });
    assert.equal(this.happen({ type: "claim", index, lease }).length, 1);
  }

  /** A message under a lease that is not held any more must change nothing. */
  #stale(pick: number): void {
    const old = this.leases.filter(({ index, lease }) => this.lease(index) !== lease);
    const chosen = old[pick % (old.length || 1)];
    if (chosen === undefined) return;
    for (const what of ["complete", "fail", "lose"] as const) {
      assert.deepEqual(this.happen(endOf(what, { ...chosen, random: 0 })), []);
    }
  }

  /** Lets everything that is claimed complete until nothing is left to do. */
  drain(): void {
    const limit = 10 * this.spec.tasks.length + 10;
    for (let round = 0; !isFinalRun(this.machine.status); round++) {
      assert.ok(round < limit, "the run doesn't end although every task completes");
      for (const index of this.indexes("retry_wait")) this.happen({ type: "retry_due", index });
      for (let i = nextReady(this.machine); i !== undefined; i = nextReady(this.machine)) {
        this.claim(i);
      }
      for (const index of this.indexes("running")) {
        const lease = this.lease(index);
        this.happen({ type: "completed", index, lease, hasOutputs: false });
      }
    }
  }
}

function endOf(
  what: "complete" | "fail" | "lose",
  { index, lease, random }: { index: number; lease: string; random: number },
): RunEvent {
  switch (what) {
    case "complete":
      return { type: "completed", index, lease, hasOutputs: random > 0.5 };
    case "fail":
      return { type: "failed", index, lease, error: "boom", random };
    case "lose":
      return { type: "lost", index, lease, reason: "gone" };
  }
}

/** What the database keeps of a machine. */
function stored(machine: RunMachine): { status: RunMachine["status"]; tasks: StoredTask[] } {
  const tasks = machine.tasks.map(({ waitingFor: _, ...task }) => structuredClone(task));
  return { status: machine.status, tasks };
}

/** A machine without what a restart may forget: the order within the queue, and stale entries. */
function comparable(machine: RunMachine): object {
  const { readyQueue, error, ...rest } = structuredClone(machine);
  const ready = readyQueue.filter((index) => machine.tasks[index]?.status === "ready");
  // The run's error is in its row; it is set when the run ends, and then nothing is restored.
  return { ...rest, error: isFinalRun(machine.status) ? error : null, ready: ready.sort() };
}

Deno.test("whatever happens in whatever order, the rules hold and the run ends", () => {
  fc.assert(
    fc.property(randomSpec, history, (spec, steps) => {
      const run = new Checked(spec);
      run.happen({ type: "start" });
      for (const each of steps) run.take(each);
      run.drain();
      const failed = run.indexes("failed").length > 0;
      assert.equal(run.machine.status, failed ? "failed" : "completed");
      assert.equal(run.machine.error !== null, failed);
      assert.equal(run.indexes("skipped").length > 0 ? failed : true, true);
    }),
    { numRuns: 300 },
  );
});

Deno.test("a stop at any moment ends everything and revokes exactly what runs", () => {
  fc.assert(
    fc.property(
      randomSpec,
      history,
      fc.constantFrom("cancelled", "failed"),
      (spec, steps, status) => {
        const run = new Checked(spec);
        if (steps.length % 5 !== 0) run.happen({ type: "start" });
        for (const each of steps) run.take(each);
        if (isFinalRun(run.machine.status)) return;
        const running = run.indexes("running").map((index) => run.lease(index));
        const completed = run.indexes("completed");
        const effects = run.happen({ type: "stop", status, reason: "enough" });
        const revoked = effects.flatMap((effect) => effect.type === "revoke" ? [effect.lease] : []);
        assert.deepEqual(revoked, running);
        assert.equal(run.machine.status, status);
        assert.deepEqual(run.indexes("completed"), completed);
        assert.equal(nextReady(run.machine), undefined);
        for (const each of steps) run.take(each);
        assert.equal(run.machine.status, status);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a restored machine is the original and goes on like it", () => {
  fc.assert(
    fc.property(randomSpec, history, history, (spec, before, after) => {
      const run = new Checked(spec);
      run.happen({ type: "start" });
      for (const each of before) run.take(each);
      if (isFinalRun(run.machine.status)) return;
      const restored = restoreRunMachine(spec, stored(run.machine));
      assert.deepEqual(comparable(restored), comparable(run.machine));
      // The same events happen to both; which ready task is claimed next is the original's choice.
      const happen = run.happen.bind(run);
      run.happen = (event) => {
        const effects = happen(event);
        assert.deepEqual(transition(restored, event, run.now), effects);
        assert.deepEqual(comparable(restored), comparable(run.machine));
        return effects;
      };
      for (const each of after) run.take(each);
      run.drain();
      assert.deepEqual(comparable(restored), comparable(run.machine));
    }),
    { numRuns: 200 },
  );
});

Deno.test("the order of the tasks in the file changes nothing but the order of starts", () => {
  fc.assert(
    fc.property(randomSpec, fc.infiniteStream(fc.nat()), (spec, numbers) => {
      const shuffled = { ...spec, tasks: [...spec.tasks] };
      for (let at = shuffled.tasks.length - 1; at > 0; at--) {
        const other = numbers.next().value % (at + 1);
        const [a, b] = [shuffled.tasks[at], shuffled.tasks[other]];
        if (a !== undefined && b !== undefined) {
          [shuffled.tasks[at], shuffled.tasks[other]] = [b, a];
        }
      }
      const ends = [spec, shuffled].map((each) => {
        const run = new Checked(each);
        run.happen({ type: "start" });
        run.drain();
        const states = each.tasks.map(({ id }, index) =>
          `${id} ${nodeAt(run.machine, index).status}`
        );
        return { status: run.machine.status, states: states.sort() };
      });
      assert.deepEqual(ends[0], ends[1]);
    }),
    { numRuns: 100 },
  );
});
