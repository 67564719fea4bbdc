/** What goes between node and workers, held against what the database says. */
import assert from "node:assert/strict";
import type { ResultContent, TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import type { World } from "./world.ts";

interface AttemptState {
  readonly status: string;
  readonly lease: string;
  readonly kind: string;
}

/** All of an attempt but what its worker told too late. */
function asItCounts(attempt: AttemptState | undefined): unknown {
  return { ...attempt, late_result: null };
}

const ATTEMPT = `SELECT a.*, t.status AS task_status, t.outputs FROM task_runs t
  JOIN task_attempts a USING (run_id, task_index)
  WHERE t.run_id = ? AND t.task_id = ? AND a.attempt = ?`;

export class Witness {
  readonly #world: World;
  /** Results by lease: all that a worker has ever said of it. */
  readonly #reported = new Map<string, TaskResult[]>();
  /** How an attempt stood when its worker was told that its result is kept. */
  readonly #confirmed = new Map<string, AttemptState | undefined>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A worker has got a task. */
  dispatched(task: TaskDispatch): void {
    const { names } = this.#world;
    this.#world.trace(() => `${names.of(task.run_id)} ${task.task_id} #${task.attempt} is begun`);
    const kept = this.#attempt(task);
    assert.equal(kept?.lease, task.lease, "a task was handed out that is not in the database");
    assert.deepEqual(task.inputs, this.#inputsOf(task, kept?.kind), `inputs of ${task.task_id}`);
  }

  /** A worker says how an attempt ended. */
  reported(result: TaskResult): void {
    const { names } = this.#world;
    const { run_id, task_id, attempt, lease, status } = result;
    this.#world.trace(() => `${names.of(run_id)} ${task_id} #${attempt} is reported as ${status}`);
    this.#reported.set(lease, [...this.#reported.get(lease) ?? [], result]);
  }

  /** The node gets results: one of an attempt that doesn't run is remembered beside it, no more. */
  received({ results }: ResultContent, accept: () => void): void {
    const late = results.filter((result) => {
      const attempt = this.#attempt(result);
      return attempt?.lease !== result.lease || attempt.status !== "running";
    });
    const states = (): unknown[] => late.map((result) => asItCounts(this.#attempt(result)));
    const before = states();
    accept();
    assert.deepEqual(states(), before, "a late result counted");
  }

  /** A worker is told that the result under a lease is kept. */
  confirmed(lease: string): void {
    const [result] = this.#reported.get(lease) ?? [];
    if (result === undefined || this.#confirmed.has(lease)) return;
    const attempt = this.#attempt(result);
    assert.notEqual(attempt?.status, "running", "a result was confirmed and is not kept");
    this.#confirmed.set(lease, attempt);
  }

  /** What a worker has said of an attempt. */
  reportsOf(lease: string): readonly TaskResult[] {
    return this.#reported.get(lease) ?? [];
  }

  /** Holds what was confirmed against what became of it. */
  checkConfirmed(): void {
    for (const [lease, state] of this.#confirmed) {
      const [result] = this.#reported.get(lease) ?? [];
      if (result !== undefined && state?.lease === lease) {
        assert.equal(this.#attempt(result)?.status, state.status, "a confirmed result is lost");
      }
    }
  }

  #attempt({ run_id, task_id, attempt }: Pick<TaskResult, "run_id" | "task_id" | "attempt">):
    | AttemptState
    | undefined {
    return this.#world.disk.all<AttemptState>(ATTEMPT, run_id, task_id, attempt)[0];
  }

  /** The outputs of what a task depends on; a rollback also gets the task's own. */
  #inputsOf({ run_id, task_id }: TaskDispatch, kind = ""): Record<string, unknown> {
    const own = kind === "rollback" ? [task_id] : [];
    const wanted = new Set([...this.#world.story.run(run_id).specOf(task_id).depends_on, ...own]);
    const rows = this.#world.disk.all<{ task_id: string; outputs: string | null }>(
      "SELECT task_id, outputs FROM task_runs WHERE run_id = ?",
      run_id,
    );
    return Object.fromEntries(
      rows.filter(({ task_id, outputs }) => outputs !== null && wanted.has(task_id))
        .map(({ task_id, outputs }) => [task_id, JSON.parse(outputs ?? "")]),
    );
  }
}
