/** A real node with a worker that does what the test tells it. */
import type { TaskState } from "../../lib/schema/states.ts";
import { type FakeWorker, fakeWorker } from "./fake_worker.ts";
import {
  call,
  getRun,
  type TestFetch,
  type TestNode,
  type TestNodeOptions,
  withServedNode,
} from "./test_node.ts";

/** What a test gets to work with. */
export interface TestWithWorker extends TestNode {
  readonly url: string;
  readonly worker: FakeWorker;
}

export interface WithWorkerOptions extends TestNodeOptions {
  /** "global" unless said otherwise. */
  readonly scope?: string;
}

/** Runs `use` with a node whose worker for a scope is connected. */
export async function withWorker(
  use: (test: TestWithWorker) => Promise<void>,
  { scope = "global", ...options }: WithWorkerOptions = {},
): Promise<void> {
  await withServedNode(async (test) => {
    await using worker = await fakeWorker(test.node, scope);
    await use({ ...test, worker });
  }, options);
}

/** A DAG of the global scope from a map of task id → dependencies, or more of the task. */
export function dagOf(
  tasks: Record<string, readonly string[] | object>,
  more: object = {},
): object {
  return {
    dag_id: "d",
    scope: { type: "global" },
    tasks: Object.entries(tasks).map(([id, task]) => ({
      id,
      ...("type" in task ? {} : { type: "shell", command: "true" }),
      ...(Array.isArray(task) ? { depends_on: task } : task),
    })),
    ...more,
  };
}

/** The state of each task of a run. */
export async function taskStates(
  fetch: TestFetch,
  runId: string,
): Promise<Record<string, TaskState>> {
  const { tasks } = await getRun(fetch, runId);
  return Object.fromEntries(tasks.map(({ task_id, status }) => [task_id, status]));
}

/** Cancels, pauses, resumes or retries a run. @returns the run that resulted */
export function act(
  fetch: TestFetch,
  runId: string,
  action: "cancel" | "pause" | "resume" | "retry",
  body: object = {},
): Promise<{ run_id: string; status: string }> {
  return call(fetch, `/api/v1/runs/${runId}/${action}`, { method: "POST", body });
}

/** The ids of tasks, in order. */
export function ids(tasks: readonly { readonly task_id: string }[]): string[] {
  return tasks.map(({ task_id }) => task_id);
}
