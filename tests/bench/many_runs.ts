/** Lists and pages of runs while a million finished runs are stored, and memory of waiting tasks. */
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { RunList } from "../../lib/schema/api.ts";
import { answerTime } from "./answer_time.ts";
import { inDirectory } from "./directory.ts";
import { fillRuns, storedRunId } from "./stored_runs.ts";
import { sessionCookie } from "./session_cookie.ts";
import { residentBytes } from "./memory.ts";
import { type NodeProcess, publishAndConfirm, startNode } from "../helpers/node_process.ts";

/** One line of the table: what, how much, what it should be. */
export type Note = (name: string, value: string, aim?: string) => void;

const RUNS = 1_000_000;
const AIM = "p95 < 20 ms";

/** `runs`: fewer for a try. */
export async function benchManyRuns(
  note: Note,
  { runs = RUNS }: { runs?: number } = {},
): Promise<void> {
  await inDirectory(async (dir) => {
    fillRuns(join(dir, "cis.db"), runs);
    const node = await startNode(dir);
    try {
      const middle = storedRunId(Math.floor(runs / 2));
      const token = { authorization: `Bearer ${node.token}` };
      const paths: readonly [string, string][] = [
        ["list of runs, first page", "/api/v1/runs"],
        ["list of runs, of one state that is rare", "/api/v1/runs?status=cancelled"],
        ["list of runs, of one DAG", "/api/v1/runs?dag_id=dag-7"],
        ["list of runs, of one scope", "/api/v1/runs?scope=project:p7"],
        ["list of runs, behind a cursor in the middle", await cursorPath(node)],
        ["one run", `/api/v1/runs/${middle}`],
      ];
      for (const [name, path] of paths) {
        note(`${name}, ${runs} stored`, await answerTime(node.url + path, token), AIM);
      }
      for (const path of ["/runs", `/runs/${middle}`]) {
        const cookie = await sessionCookie(node);
        note(
          `page ${path.slice(0, 20)}, ${runs} stored`,
          await answerTime(node.url + path, { cookie }),
          AIM,
        );
      }
    } finally {
      await node.stop();
    }
  });
}

/** How much memory a node takes while 100,000 tasks are pending, over ten runs that wait for their node. */
export async function benchPendingTasks(note: Note): Promise<void> {
  await inDirectory(async (dir) => {
    const node = await startNode(dir);
    try {
      const before = await residentBytes(node.pid);
      for (let at = 0; at < 10; at++) {
        const doc = {
          dag_id: `wide-${at}`,
          scope: { type: "global" },
          // For a node that doesn't exist: nothing of it is ever started.
          target_node: "nobody",
          tasks: Array.from({ length: 10_000 }, (_, task) => ({ id: `t${task}`, type: "noop" })),
        };
        await publishAndConfirm(node.client, doc);
      }
      const grown = await residentBytes(node.pid) - before;
      note("memory while 100,000 tasks are pending", `${(grown / 1e6).toFixed(0)} MB more`);
    } finally {
      await node.stop();
    }
  });
}

async function cursorPath({ client }: NodeProcess): Promise<string> {
  let cursor: string | null = null;
  for (let page = 0; page < 20; page++) {
    const list: RunList = dataOf(
      await client.listRuns({ limit: 500, ...(cursor === null ? {} : { cursor }) }),
    );
    cursor = list.next_cursor;
  }
  return `/api/v1/runs?cursor=${encodeURIComponent(cursor ?? "")}`;
}
