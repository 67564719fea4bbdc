/** Tells the nodes' room how the runs stand that this node holds: of each what is new, some times a second. */
import type { HomeserverOutbox } from "../matrix/homeserver_outbox.ts";
import { NODES_OUTBOX } from "../matrix/homeserver_outbox.ts";
import type { Node } from "../node.ts";
import { runView } from "../scheduler/run_views.ts";
import type { EventView, TaskView } from "../schema/api.ts";

/** What telling takes. */
export interface StatusTellerParts {
  readonly node: Node;
  readonly outbox: HomeserverOutbox;
  /** Something waits in the outbox. */
  readonly wake: () => void;
}

/** News of a run are gathered for so long, in milliseconds. */
const GATHER_MS = 300;

export class StatusTeller {
  readonly #parts: StatusTellerParts;
  /** What has been told of each task, by run and generation. */
  readonly #told = new Map<string, Map<string, string>>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(parts: StatusTellerParts) {
    this.#parts = parts;
  }

  /** Tells all of what an earlier life may not have told, and from then on what comes. */
  start(): void {
    const { node } = this.#parts;
    const unsubscribe = node.events.subscribe((events) => this.#hear(events));
    node.ending.addEventListener("abort", () => {
      unsubscribe();
      for (const timer of this.#timers.values()) clearTimeout(timer);
    }, { once: true });
    for (const { run_id, held } of node.handovers.shared.open()) {
      if (held !== null) this.#gather(run_id);
    }
  }

  #hear(events: readonly EventView[]): void {
    for (const runId of new Set(events.map(({ run_id }) => run_id))) {
      if (runId === null) continue;
      const { held = null } = this.#parts.node.handovers.shared.load(runId) ?? {};
      if (held !== null) this.#gather(runId);
    }
  }

  #gather(runId: string): void {
    if (this.#timers.has(runId)) return;
    const tell = (): void => {
      this.#timers.delete(runId);
      this.#tell(runId).catch((error) =>
        this.#parts.node.report(`the other nodes could not be told of ${runId}: ${String(error)}`)
      );
    };
    this.#timers.set(runId, setTimeout(tell, GATHER_MS));
  }

  async #tell(runId: string): Promise<void> {
    const { node, outbox, wake } = this.#parts;
    const row = node.handovers.shared.load(runId);
    const run = node.runs.load(runId);
    const generation = row?.held ?? null;
    if (generation === null || row?.ended === 1 || run === undefined) return;
    const key = `${runId} ${generation}`;
    const told = this.#told.get(key) ?? new Map<string, string>();
    this.#told.set(key, told);
    const view = runView(run, node);
    const tasks = view.tasks.filter((task) => isNews(task, told));
    const content = {
      v: 1,
      run_id: runId,
      generation,
      // Decisions and debts are this node's to show.
      view: { ...view, tasks, decisions: [], debts: [] },
    };
    await node.db.write((tx) => {
      outbox.add(tx, NODES_OUTBOX, {
        type: "io.cis.dag.status",
        content: JSON.stringify(content),
      });
      tx.afterCommit(wake);
    });
    for (const task of tasks) told.set(task.task_id, JSON.stringify(task));
    if (run.finished_at !== null) this.#told.delete(key);
  }
}

/** That a task waits for others is known without being told. */
function isNews(task: TaskView, told: ReadonlyMap<string, string>): boolean {
  const before = told.get(task.task_id);
  if (before !== undefined) return before !== JSON.stringify(task);
  return task.status !== "pending" || task.attempts.length > 0;
}
