/** Workflows that somebody really had, scheduled beside the shortest time that any scheduler needs. */
import { startNode } from "../helpers/node_process.ts";
import { inDirectory } from "./directory.ts";
import { foresightedTime, lowerBound, type TimedTask } from "./ideal_schedule.ts";
import { sleepingWorker } from "./sleeping_worker.ts";
import { note } from "./table.ts";
import { timeUnwatched } from "./time_run.ts";

const FILES = new URL("../fixtures/wfinstances/", import.meta.url);
const SLOTS = [4, 16, 64] as const;
/** Run times are scaled to this mean. */
const MEAN_MS = 100;
const SCOPE = { type: "global" } as const;

interface Workflow {
  readonly name: string;
  readonly tasks: readonly { id: string; runtime_s: number; parents: readonly string[] }[];
}

/** Runs each workflow at each number of slots. */
export async function benchWorkflows(): Promise<void> {
  const workflows = [...Deno.readDirSync(FILES)].filter(({ name }) => name.endsWith(".json"))
    .map(({ name }) => JSON.parse(Deno.readTextFileSync(new URL(name, FILES))) as Workflow);
  for (const slots of SLOTS) {
    await inDirectory(async (dir) => {
      const policy = { defaults: { max_concurrent_tasks: slots } };
      const node = await startNode(dir, { config: { policy } });
      const worker = await sleepingWorker(node, SCOPE);
      try {
        for (const workflow of workflows) {
          const waits = scaled(workflow);
          for (const round of ["first run", "second run"]) {
            const time = await timeUnwatched(node, dagOf(workflow.name, waits));
            // Timers are late, which is nothing that the scheduler could help.
            const tasks = waits.map((wait) => ({ ...wait, ms: worker.took.get(wait.id) ?? 0 }));
            const bound = lowerBound(tasks, slots);
            const foresighted = foresightedTime(tasks, slots);
            note(
              `${shortName(workflow)}, ${tasks.length} tasks, ${slots} slots, ${round}`,
              `${seconds(time)}, ${times(time / bound)}`,
              `≤ 1.03 ×; with foresight and no delay: ${times(foresighted / bound)}`,
            );
          }
        }
      } finally {
        worker.close();
        await node.stop();
      }
    });
  }
}

function scaled({ tasks }: Workflow): TimedTask[] {
  const mean = tasks.reduce((sum, { runtime_s }) => sum + runtime_s, 0) / tasks.length;
  return tasks.map(({ id, runtime_s, parents }) => ({
    id,
    depends_on: parents,
    ms: Math.round(runtime_s / mean * MEAN_MS),
  }));
}

function dagOf(name: string, waits: readonly TimedTask[]): unknown {
  return {
    dag_id: name,
    scope: SCOPE,
    max_parallel: 1000,
    tasks: waits.map(({ id, depends_on, ms }) => ({
      ...{ id, depends_on, type: "shell", command: "true" },
      env: { WAIT_MS: String(ms) },
    })),
  };
}

const shortName = ({ name }: Workflow): string => name.replace(/-chameleon|-001$/g, "");
const times = (ratio: number): string => `${ratio.toFixed(3)} ×`;
const seconds = (time: number): string => `${(time / 1000).toFixed(1)} s`;
