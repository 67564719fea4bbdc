/** How long it takes until a worker that was killed in the middle of a task has been replaced. */
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, publishAndConfirm, waitForEvent } from "../helpers/node_process.ts";

/** Times in milliseconds since the SIGKILL. */
export interface Recovery {
  /** The node has written that the process ended. */
  readonly crashed: number;
  /** A new process was started. */
  readonly starting: number;
  /** It was ready. */
  readonly ready: number;
}

/** Kills the worker of a scope of its own while it has work. */
export async function timeRecovery(node: NodeProcess, round: number): Promise<Recovery> {
  const scope = { type: "project", project_id: `kill-${round}` };
  const tasks = [{ id: "long", type: "shell", command: "sleep 60" }];
  const { run_id } = await publishAndConfirm(node.client, {
    dag_id: `kill-${round}`,
    scope,
    tasks,
  });
  await waitForEvent(node.client, run_id, ({ type }) => type === "task.running");
  const workerId = `worker-project-kill-${round}`;
  const { pid } = dataOf(await node.client.worker(workerId));
  const abort = new AbortController();
  const events = node.client.followEvents({ signal: abort.signal });
  let next = events.next();
  await new Promise((resolve) => setTimeout(resolve, 50)); // the stream is open by then
  // Times of the node, since it runs on the same clock: what is measured is not the stream.
  const killed = Date.now();
  Deno.kill(pid ?? 0, "SIGKILL");
  for (let event = await next; !event.done; event = await next) {
    if (event.value.type === "worker.running" && event.value.worker_id === workerId) break;
    next = events.next();
  }
  abort.abort();
  const { history } = dataOf(await node.client.worker(workerId));
  const since = (status: string): number =>
    Date.parse(history.find((change) => change.status === status)?.time ?? "") - killed;
  dataOf(await node.client.cancelRun(run_id));
  return { crashed: since("crashed"), starting: since("starting"), ready: since("running") };
}
