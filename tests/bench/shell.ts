/** Shell tasks beside the bare command, and walled ones beside bubblewrap alone. */
import { join } from "node:path";
import { detectWalls, type Walls } from "../../lib/worker/walls.ts";
import { wallCommand } from "../../lib/worker/child/wall_command.ts";
import { startNode } from "../helpers/node_process.ts";
import { inDirectory } from "./directory.ts";
import { ms, note, percentile, perSecond } from "./table.ts";
import { timeUnwatched } from "./time_run.ts";

const TASKS = 1000;
/** Enough for a machine of two cores to have something to do while results travel. */
const PARALLEL = 32;
const CHAIN = 100;
const ROUNDS = 3;

/** Projects whose tasks are walled in, and not. */
const OPEN = { type: "project", project_id: "open" };
const WALLED = { type: "project", project_id: "walled" };
const CONFIG = {
  policy: {
    defaults: { max_concurrent_tasks: PARALLEL },
    scopes: { "project:open": { isolation: "none" as const } },
  },
};

async function timeXargs(command: readonly string[], tasks: number): Promise<number> {
  const begun = performance.now();
  const { success } = await new Deno.Command("/bin/sh", {
    args: [
      "-c",
      `seq ${tasks} | xargs -P ${PARALLEL} -I {} "$@"`,
      "sh",
      ...command,
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("xargs failed");
  return performance.now() - begun;
}

/** Time of a command run again and again, in milliseconds for each. */
async function timeAlone([program = "", ...args]: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < CHAIN; n++) {
    const begun = performance.now();
    const { success } = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`${program} failed`);
    times.push(performance.now() - begun);
  }
  return percentile(times, 0.5);
}

const shells = (
  dag_id: string,
  scope: unknown,
  { tasks, max_parallel }: { tasks: number; max_parallel: number },
): unknown => ({
  dag_id,
  scope,
  max_parallel,
  tasks: Array.from({ length: tasks }, (_, n) => ({ id: `t${n}`, command: "true" })),
});

/** The walls that a task has here, around the same command, with nobody but bubblewrap in between. */
function bareWalls(walls: Walls, dir: string): string[] {
  const [workspace, attempt] = [join(dir, "workspaces", "bare"), join(dir, "tmp", "bare")];
  for (const path of [workspace, attempt]) Deno.mkdirSync(path, { recursive: true });
  return wallCommand({
    permissions: { net: [], read: [workspace], write: [workspace], env: [], run: [] },
    attempt,
    cwd: workspace,
    command: ["/bin/sh", "-c", "true"],
  }, {
    ...walls,
    system: [...walls.system],
    taken: [{ path: dir, as: "hidden_directory" }],
    groups: null,
    file_size: 0,
    pids: null,
  });
}

/** Measures them. */
export async function benchShell(): Promise<void> {
  const walls = await detectWalls();
  await inDirectory(async (dir) => {
    const bubblewrap = walls.bubblewrap === null ? undefined : bareWalls(walls, dir);
    const node = await startNode(dir, { config: CONFIG });
    try {
      const rates: Record<string, number[]> = { open: [], walled: [], xargs: [], xargsWalled: [] };
      const each: Record<string, number[]> = { open: [], walled: [], bare: [], bubblewrap: [] };
      for (let round = 0; round < ROUNDS; round++) {
        rates.xargs?.push(await timeXargs(["/bin/sh", "-c", "true"], TASKS));
        each.bare?.push(await timeAlone(["/bin/sh", "-c", "true"]));
        if (bubblewrap !== undefined) {
          rates.xargsWalled?.push(await timeXargs(bubblewrap, TASKS));
          each.bubblewrap?.push(await timeAlone(bubblewrap));
        }
        for (const [name, scope] of [["open", OPEN], ["walled", WALLED]] as const) {
          const many = { tasks: TASKS, max_parallel: PARALLEL };
          const one = { tasks: CHAIN, max_parallel: 1 };
          rates[name]?.push(
            await timeUnwatched(node, shells(`${name}-many-${round}`, scope, many)),
          );
          const chain = await timeUnwatched(node, shells(`${name}-one-${round}`, scope, one));
          each[name]?.push(chain / CHAIN);
        }
      }
      tell(rates, each);
    } finally {
      await node.stop();
    }
  });
}

function tell(rates: Record<string, number[]>, each: Record<string, number[]>): void {
  const rate = (name: string): number => percentile(rates[name] ?? [], 0.5);
  const time = (name: string): number => percentile(each[name] ?? [], 0.5);
  note(`shell \`true\`, not walled in, ${PARALLEL} at once`, perSecond(TASKS, rate("open")));
  note(`xargs -P ${PARALLEL} /bin/sh -c true`, perSecond(TASKS, rate("xargs")));
  note("shell ÷ xargs", (rate("xargs") / rate("open")).toFixed(2), "≥ 0.7");
  note(`shell \`true\`, walled in, ${PARALLEL} at once`, perSecond(TASKS, rate("walled")));
  note(`xargs -P ${PARALLEL} bwrap … /bin/sh -c true`, perSecond(TASKS, rate("xargsWalled")));
  note("one after the other: bare /bin/sh -c true", ms(time("bare")));
  note("one after the other: shell task, not walled in", ms(time("open")));
  note("one after the other: bwrap alone", ms(time("bubblewrap")));
  note("one after the other: shell task, walled in", ms(time("walled")));
  note(
    "walled shell task ÷ bwrap alone",
    (time("walled") / time("bubblewrap")).toFixed(2),
    "≤ 1.3",
  );
}
