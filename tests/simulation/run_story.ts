/** One run as its events tell it, each held against the rules in words of their own. */
import assert from "node:assert/strict";
import type { DagSpec, TaskSpec } from "../../lib/schema/dag_spec.ts";
import {
  isFinalRun,
  isFinalTask,
  type RollbackState,
  RUN_TRANSITIONS,
  type RunState,
  TASK_TRANSITIONS,
  type TaskState,
} from "../../lib/schema/states.ts";
import { MAX_LOSSES } from "../../lib/scheduler/run_machine.ts";

/** A task as told so far. */
export interface TaskStory {
  readonly spec: TaskSpec;
  status: TaskState;
  attempt: number;
  rollback: RollbackState | null;
  /** Another run has done it. */
  readonly kept: boolean;
  /** A decision has let it start. */
  cleared: boolean;
  /** A decision about it is open. */
  asked: boolean;
  /** Lost attempts that were made up for. */
  rescues: number;
}

/** What a run is told to be at its beginning. */
export interface RunBeginning {
  readonly runId: string;
  readonly name: string;
  readonly workerId: string;
  readonly triggeredBy: string;
  readonly spec: DagSpec;
  /** State of each task that another run has ended. */
  readonly kept: ReadonlyMap<string, TaskState>;
}

export class RunStory {
  readonly runId: string;
  readonly name: string;
  readonly workerId: string;
  readonly triggeredBy: string;
  readonly spec: DagSpec;
  readonly tasks: ReadonlyMap<string, TaskStory>;
  status: RunState = "queued";
  #rollsBack = false;
  /** Ids in the order in which they completed. */
  readonly #completed: string[] = [];
  readonly #rolledBack: string[] = [];

  constructor({ runId, name, workerId, triggeredBy, spec, kept }: RunBeginning) {
    this.runId = runId;
    this.name = name;
    this.workerId = workerId;
    this.triggeredBy = triggeredBy;
    this.spec = spec;
    this.tasks = new Map(spec.tasks.map((task) => [task.id, {
      spec: task,
      status: kept.get(task.id) ?? "pending",
      attempt: 0,
      rollback: null,
      kept: kept.has(task.id),
      cleared: false,
      asked: false,
      rescues: 0,
    }]));
  }

  get isOver(): boolean {
    return isFinalRun(this.status);
  }

  /** Whether it has been started and hasn't ended. */
  get isActive(): boolean {
    return this.status !== "queued" && !this.isOver;
  }

  /** Tasks, or their rollbacks, that run. */
  get atWork(): TaskStory[] {
    return [...this.tasks.values()].filter(({ status, rollback }) =>
      status === "running" || rollback === "running"
    );
  }

  /** Of these, those that take a slot of the worker. */
  get slots(): number {
    return this.atWork.filter(({ spec, rollback }) => spec.type !== "noop" || rollback !== null)
      .length;
  }

  /** In an order that isn't that of the file. */
  get taskIds(): string[] {
    return [...this.tasks.keys()].sort();
  }

  specOf(taskId: string): TaskSpec {
    return this.#task(taskId).spec;
  }

  /** The run gets into a state. */
  becomes(to: RunState): void {
    assert.ok(RUN_TRANSITIONS[this.status].includes(to), `it went from ${this.status} to ${to}`);
    this.status = to;
    if (!this.isOver) return;
    for (const [id, { status, rollback, asked }] of this.tasks) {
      assert.ok(isFinalTask(status), `it ended while ${id} was ${status}`);
      assert.ok(!asked, `it ended while a question about ${id} was open`);
      assert.ok(
        rollback !== "pending" && rollback !== "running",
        `it ended before ${id} was undone`,
      );
    }
  }

  /** The run begins to roll back. */
  rollsBack(): void {
    assert.ok(
      [...this.tasks.values()].every(({ status }) => isFinalTask(status)),
      "tasks are open",
    );
    this.#rollsBack = true;
  }

  /** A task gets into a state. */
  taskBecomes(id: string, to: TaskState, attempt: number): void {
    const task = this.#task(id);
    const from = task.status;
    assert.ok(!this.isOver, `${id} became ${to} after the run had ended`);
    assert.ok(TASK_TRANSITIONS[from].includes(to), `${id} went from ${from} to ${to}`);
    task.status = to;
    if (from === "running" && to === "ready") this.#checkRescue(task);
    if (from === "pending" && to === "ready") this.#checkCondition(task);
    if (to === "running") this.#starts(task, attempt);
    assert.equal(attempt, task.attempt, `${id} is told as attempt ${attempt}`);
    if (to === "completed") this.#completed.push(id);
  }

  /** A rollback gets into a state. */
  rollbackBecomes(id: string, to: RollbackState, attempt: number): void {
    const task = this.#task(id);
    assert.ok(!this.isOver && this.#rollsBack, `${id} was rolled back out of turn`);
    if (to === "running") this.#rollbackStarts(id, task, attempt);
    if (to === "pending" && task.rollback === "running") this.#checkRescue(task);
    task.rollback = to;
  }

  /** A question about a task is asked, or is none any more. `go`: it lets the task start. */
  asked(id: string, isOpen: boolean, go = false): void {
    const task = this.#task(id);
    assert.notEqual(task.asked, isOpen, `the question about ${id} was asked or closed twice`);
    if (isOpen) assert.ok(!task.cleared, `${id} was let start, and is asked about again`);
    task.asked = isOpen;
    task.cleared ||= go;
  }

  /** A lost attempt is made up for, where that does no harm, and not for ever. */
  #checkRescue(task: TaskStory): void {
    const { id, idempotent } = task.spec;
    assert.ok(idempotent, `${id} is not idempotent, and is run again`);
    assert.ok(++task.rescues < MAX_LOSSES, `${id} is lost with one worker after the other`);
  }

  #starts(task: TaskStory, attempt: number): void {
    const { id, type, level } = task.spec;
    assert.equal(this.status, "running", `${id} started while the run was ${this.status}`);
    assert.equal(attempt, task.attempt + 1, `${id}: an attempt was left out, or repeated`);
    assert.ok(type !== "approval" && type !== "skill", `${id} can't be carried out`);
    assert.ok(level.type === "mechanical" || task.cleared, `${id} started undecided`);
    assert.ok(this.atWork.length <= this.spec.max_parallel, "max_parallel");
    this.#checkCondition(task);
    task.attempt = attempt;
  }

  #rollbackStarts(id: string, task: TaskStory, attempt: number): void {
    assert.equal(task.status, "completed", `${id} was rolled back without having completed`);
    assert.ok(!task.kept, `${id} was rolled back, and another run had done it`);
    assert.equal(this.atWork.length, 0, "rollbacks run one after the other");
    assert.equal(attempt, task.attempt + 1, `${id}: an attempt was left out, or repeated`);
    task.attempt = attempt;
    if (this.#rolledBack.at(-1) === id) return;
    const later = this.#completed.slice(this.#completed.indexOf(id) + 1)
      .filter((other) => this.specOf(other).rollback.length > 0);
    // One that was refused was passed over without having begun.
    const missing = later.filter((other) =>
      !this.#rolledBack.includes(other) && this.#task(other).rollback !== "failed"
    );
    assert.deepEqual(missing, [], `${id} was rolled back before what came after it`);
    this.#rolledBack.push(id);
  }

  /** What `run_if` means, by the states alone. */
  #checkCondition({ spec: { id, run_if, depends_on } }: TaskStory): void {
    const states = depends_on.map((before) => this.#task(before).status);
    if (run_if === "all_success") {
      const fine = states.every((state) => state === "completed" || state === "debt");
      return assert.ok(fine, `${id} may not start: it depends on what is ${states}`);
    }
    assert.ok(states.every(isFinalTask), `${id} started before all had ended`);
    if (run_if === "any_failed") {
      assert.ok(depends_on.some((before) => this.#wentWrong(before)), `${id}: nothing failed`);
    }
  }

  #wentWrong(id: string): boolean {
    const { status, spec } = this.#task(id);
    if (status !== "skipped") return ["failed", "debt", "cancelled"].includes(status);
    return spec.depends_on.some((before) => this.#wentWrong(before));
  }

  #task(id: string): TaskStory {
    const task = this.tasks.get(id);
    assert.ok(task, `there is no task ${id}`);
    return task;
  }
}
