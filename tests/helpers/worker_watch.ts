/** Looks at real worker processes of a node in this process, and at what is written of them. */
import type { TestFetch, TestNode } from "./test_node.ts";
import { startDag, storeShows } from "./test_node.ts";

/** Scope, worker and DAG of most of these tests. */
export const WORKER = "worker-project-abc";

/** Starts a DAG with one shell task. @returns its run */
export async function startShell(
  fetch: TestFetch,
  command: string,
  more: { readonly project?: string; readonly env?: Record<string, string> } = {},
): Promise<string> {
  const project = more.project ?? "abc";
  const { run_id } = await startDag(fetch, {
    dag_id: `dag-${crypto.randomUUID().slice(0, 8)}`,
    scope: { type: "project", project_id: project },
    env: more.env ?? {},
    tasks: [{ id: "work", type: "shell", command }],
  });
  return run_id;
}

/** Waits until a task of the run has its attempt running. */
export async function taskRuns({ node }: TestNode, runId: string, attempt = 1): Promise<void> {
  await storeShows(
    node,
    () =>
      node.runs.attempts.of(runId).some((one) =>
        one.attempt === attempt && one.status === "running"
      ),
  );
}

/** What became of a worker, oldest first, each as "status: reason". */
export function historyOf({ node }: TestNode, workerId: string = WORKER): string[] {
  return node.workerHistory.entries(workerId, 500).reverse()
    .map(({ status, reason }) => `${status}: ${reason}`);
}

/** Waits until the history of a worker has an entry that fits. */
export async function historyShows(
  test: TestNode,
  pattern: RegExp,
  workerId: string = WORKER,
): Promise<void> {
  await storeShows(test.node, () => historyOf(test, workerId).some((line) => pattern.test(line)));
}

/** The pid of a worker that has one. */
export function pidOf({ node }: TestNode, workerId: string = WORKER): number {
  const { pid } = node.supervisor.get(workerId);
  if (pid === null) throw new Error(`${workerId} has no pid`);
  return pid;
}

/** Pids of all processes whose arguments name this worker and this word, such as a directory. */
export function processesOf(workerId: string, word: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    if (!Number.isInteger(pid)) return false;
    try {
      const line = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
      return line.includes(workerId) && line.some((part) => part.includes(word));
    } catch {
      // It ended while it was looked at.
      return false;
    }
  });
}

/** Waits until a file has something in it. @returns what */
export async function fileText(path: string): Promise<string> {
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    try {
      const text = Deno.readTextFileSync(path);
      if (text.endsWith("\n")) return text.trim();
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${path} is not there after 15 s`);
}
