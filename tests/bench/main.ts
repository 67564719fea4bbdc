/**
 * `deno task bench [theme …]`: how long the path takes on this machine, as a table. Everything runs
 * against real node and worker processes; nothing is gated, since machines differ.
 */
import { type NodeProcess, startNode, type StartOptions } from "../helpers/node_process.ts";
import { benchConfirm } from "./confirm.ts";
import { inDirectory } from "./directory.ts";
import { benchDenoTasks } from "./deno_tasks.ts";
import { benchEngine } from "./engine.ts";
import { benchLogs } from "./logs.ts";
import { benchManyRuns, benchPendingTasks } from "./many_runs.ts";
import { benchMatrix } from "./matrix.ts";
import { benchMemory } from "./memory.ts";
import { benchNoops } from "./noops.ts";
import { benchPages } from "./pages.ts";
import { benchRequests } from "./requests.ts";
import { benchRunsAtOnce } from "./runs_at_once.ts";
import { benchShell } from "./shell.ts";
import { benchStart } from "./start.ts";
import { benchWorkers } from "./workers.ts";
import { benchWorkflows } from "./workflows.ts";
import { note, print } from "./table.ts";

type Theme = readonly [name: string, run: () => Promise<void>];

/** A theme with a node of its own, which is gone afterwards. */
function onNode(
  bench: (node: NodeProcess) => Promise<void>,
  config: StartOptions["config"] = {},
): () => Promise<void> {
  return () =>
    inDirectory(async (dir) => {
      const node = await startNode(dir, { config });
      try {
        await bench(node);
      } finally {
        await node.stop();
      }
    });
}

const THEMES: readonly Theme[] = [
  ["start", benchStart],
  ["memory", onNode(benchMemory)],
  ["confirm", onNode(benchConfirm)],
  ["noops", onNode(benchNoops)],
  ["shell", benchShell],
  ["deno", onNode(benchDenoTasks)],
  ["workers", onNode(benchWorkers, { max_workers: 100 })],
  ["requests", onNode(benchRequests)],
  ["at-once", onNode(benchRunsAtOnce)],
  ["logs", benchLogs],
];

/** These take minutes, and so run only when they are named. */
const LONG_THEMES: readonly Theme[] = [
  ["runs", () => benchManyRuns(note)],
  ["pending", () => benchPendingTasks(note)],
  ["pages", benchPages],
  ["workflows", benchWorkflows],
  ["engine", benchEngine],
  // Needs Python, or what was installed with it earlier.
  ["matrix", benchMatrix],
];
const ALL = [...THEMES, ...LONG_THEMES];

const wanted = Deno.args.length === 0
  ? THEMES
  : ALL.filter(([name]) => Deno.args.some((arg) => arg.replace(/^--/, "") === name));
if (wanted.length === 0) {
  print(`There are: ${ALL.map(([name]) => name).join(", ")}`);
  Deno.exit(2);
}
print(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}`);
for (const [name, run] of wanted) {
  print(name);
  await run();
}
