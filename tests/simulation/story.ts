/** What all runs together are told to have done: the rows of `events`, in order, as they come. */
import assert from "node:assert/strict";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import {
  type RollbackState,
  RUN_STATES,
  type RunState,
  TASK_STATES,
  type TaskState,
} from "../../lib/schema/states.ts";
import { RunStory } from "./run_story.ts";
import type { World } from "./world.ts";

interface EventRow {
  readonly seq: number;
  readonly type: string;
  readonly run_id: string | null;
  readonly dag_id: string | null;
  readonly task_id: string | null;
  readonly worker_id: string | null;
  readonly data: string;
}

interface EventData {
  readonly attempt?: number;
  readonly version?: number;
  readonly triggered_by?: string;
  readonly decision_id?: string;
}

const RUN_WORDS: ReadonlySet<string> = new Set(RUN_STATES);
const TASK_WORDS: ReadonlySet<string> = new Set(TASK_STATES);

export class Story {
  readonly #world: World;
  readonly #runs = new Map<string, RunStory>();
  readonly #specs = new Map<string, DagSpec>();
  #seq = 0;
  /** Whether something was committed that has not been read. */
  hasNews = false;

  constructor(world: World) {
    this.#world = world;
  }

  get runs(): Iterable<RunStory> {
    return this.#runs.values();
  }

  /** A run that was told of. */
  run(runId: string): RunStory {
    const run = this.#runs.get(runId);
    assert.ok(run, `nobody has told of ${runId}`);
    return run;
  }

  /** Reads on. */
  read(): void {
    if (!this.hasNews) return;
    this.hasNews = false;
    const sql = "SELECT * FROM events WHERE seq > ? ORDER BY seq";
    for (const event of this.#world.disk.all<EventRow>(sql, this.#seq)) {
      this.#seq = event.seq;
      this.#world.trace(() =>
        `· ${event.type} ${event.run_id ?? event.dag_id ?? event.worker_id} ${
          event.task_id ?? ""
        }` +
        ` ${event.data}`
      );
      if (event.run_id !== null) this.#tell(event, event.run_id, JSON.parse(event.data));
    }
  }

  #tell(event: EventRow, runId: string, data: EventData): void {
    if (event.type === "run.queued") return this.#begin(event, runId, data);
    const run = this.run(runId);
    try {
      this.#happen(run, event, data);
    } catch (error) {
      if (error instanceof Error) error.message = `${run.name}: ${error.message}`;
      throw error;
    }
  }

  #begin({ dag_id, worker_id }: EventRow, runId: string, data: EventData): void {
    const kept = this.#world.disk.all<{ task_id: string; status: TaskState }>(
      `SELECT task_id, status FROM task_runs
       WHERE run_id = ? AND ended_seq IS NULL AND finished_at IS NOT NULL`,
      runId,
    );
    assert.ok(!this.#runs.has(runId), "a run began twice");
    this.#runs.set(
      runId,
      new RunStory({
        runId,
        name: this.#world.names.of(runId),
        workerId: worker_id ?? "",
        triggeredBy: data.triggered_by ?? "",
        spec: this.#spec(dag_id ?? "", data.version ?? 0),
        kept: new Map(kept.map(({ task_id, status }) => [task_id, status])),
      }),
    );
  }

  #happen(run: RunStory, { type, task_id }: EventRow, data: EventData): void {
    const [kind = "", word = ""] = type.split(".");
    const id = task_id ?? "";
    const attempt = data.attempt ?? 0;
    if (kind === "run" && RUN_WORDS.has(word)) {
      const started = run.status === "queued" && word === "running";
      run.becomes(word as RunState);
      if (started) this.#checkActive(run);
    } else if (type === "run.rolling_back") run.rollsBack();
    else if (kind === "task" && TASK_WORDS.has(word)) {
      run.taskBecomes(id, word as TaskState, attempt);
      if (word === "running") this.#checkBounds(run, id);
    } else if (kind === "rollback") {
      run.rollbackBecomes(id, word as RollbackState, attempt);
      if (word === "running") this.#checkBounds(run, id);
    } else if (kind === "decision" && word !== "voted") this.#decide(run, id, word);
  }

  #decide(run: RunStory, id: string, word: string): void {
    if (word === "requested") return run.asked(id, true);
    const { level } = run.specOf(id);
    const goesBySilence = level.type === "recommended" && level.default_action === "execute";
    run.asked(id, false, word === "approved" || (word === "expired" && goesBySilence));
  }

  /** A run has been started: no more are than may be. */
  #checkActive(run: RunStory): void {
    const active = [...this.#runs.values()].filter(({ isActive }) => isActive);
    const { maxRunningRuns } = this.#world.plan.bounds;
    assert.ok(active.length <= (maxRunningRuns ?? Infinity), "max_running_runs");
    const alike = active.filter(({ spec }) => spec.dag_id === run.spec.dag_id);
    assert.ok(alike.length <= (run.spec.max_active_runs ?? Infinity), "max_active_runs");
    const isScheduled = run.triggeredBy === "schedule" || run.triggeredBy === "catch_up";
    if (!isScheduled || run.spec.schedule?.overlap === "allow") return;
    for (const earlier of this.#runs.values()) {
      if (earlier === run) return;
      const isBefore = !earlier.isOver && earlier.spec.dag_id === run.spec.dag_id;
      assert.ok(!isBefore, `it started by its schedule before ${earlier.name} had ended`);
    }
  }

  /** An attempt has begun: the bounds of the worker, the node and the groups hold. */
  #checkBounds(run: RunStory, id: string): void {
    const { bounds, slots } = this.#world.plan;
    const runs = [...this.#runs.values()].filter(({ isActive }) => isActive);
    const sum = (of: readonly RunStory[]): number => of.reduce((n, each) => n + each.slots, 0);
    const own = runs.filter(({ workerId }) => workerId === run.workerId);
    assert.ok(sum(own) <= slots, `more than ${slots} slots of ${run.workerId} are taken`);
    assert.ok(sum(runs) <= (bounds.maxRunningTasks ?? Infinity), "max_running_tasks");
    const { group } = run.specOf(id);
    if (group === undefined) return;
    const members = (of: readonly RunStory[]): number =>
      of.reduce((n, each) => n + each.atWork.filter(({ spec }) => spec.group === group).length, 0);
    assert.ok(members(runs) <= (bounds.groups[group] ?? Infinity), "the node's bound of a group");
    const alike = runs.filter(({ spec }) => spec.dag_id === run.spec.dag_id);
    assert.ok(
      members(alike) <= (run.spec.groups?.[group] ?? Infinity),
      "the DAG's bound of a group",
    );
  }

  #spec(dagId: string, version: number): DagSpec {
    const key = `${dagId} ${version}`;
    const known = this.#specs.get(key);
    if (known !== undefined) return known;
    const [row] = this.#world.disk.all<{ spec_json: string }>(
      "SELECT spec_json FROM dag_specs WHERE dag_id = ? AND version = ?",
      dagId,
      version,
    );
    assert.ok(row, `there is no version ${version} of ${dagId}`);
    const spec = JSON.parse(row.spec_json) as DagSpec;
    this.#specs.set(key, spec);
    return spec;
  }
}
