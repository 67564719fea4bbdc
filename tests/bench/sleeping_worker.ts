/**
 * A worker whose tasks are waits of the length that their environment says in `WAIT_MS`: what is left
 * of a run's time beside these is the scheduler's. It speaks the real protocol over the real socket.
 */
import { dataOf } from "../../lib/api/client.ts";
import { FrameSocket } from "../../lib/matrix/frame_socket.ts";
import { type NodeFrame, WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import type { AttemptRef, TaskDispatch } from "../../lib/schema/room_events.ts";
import type { NodeProcess } from "../helpers/node_process.ts";

/** Such a worker. */
export interface SleepingWorker {
  /** How long each task took, in milliseconds: a timer is never quite exact. */
  readonly took: Map<string, number>;
  /** Ends its connection. */
  close(): void;
}

/** A worker for a scope, once it is ready. */
export async function sleepingWorker(
  { client }: NodeProcess,
  scope: { readonly type: "global" },
): Promise<SleepingWorker> {
  const answer = dataOf(await client.startWorker({ scope }));
  const bootstrap = WorkerBootstrap.parse(answer.bootstrap);
  // The node wants to see a process for each worker.
  const process = new Deno.Command("sleep", { args: ["3600"], stdin: "null" }).spawn();
  const welcome = Promise.withResolvers<void>();
  const took = new Map<string, number>();
  let txn = 0;
  const send = (type: string, content: object): void =>
    socket.send(JSON.stringify({ op: "send", txn: ++txn, type, content: { v: 1, ...content } }));
  const carryOut = (task: TaskDispatch): void => {
    const began = performance.now();
    setTimeout(() => {
      took.set(task.task_id, performance.now() - began);
      send("io.cis.task.result", { results: [resultOf(task)] });
    }, Number(task.env["WAIT_MS"]));
  };
  const socket = new FrameSocket(
    await Deno.connect({ transport: "unix", path: bootstrap.socket }),
    {
      onFrame(text): void {
        const frame = JSON.parse(text) as NodeFrame;
        if (frame.op === "welcome") welcome.resolve();
        if (frame.op !== "events") return;
        for (const { type, content } of frame.events) {
          if (type !== "io.cis.task.dispatch") continue;
          for (const task of (content as unknown as { tasks: TaskDispatch[] }).tasks) {
            carryOut(task);
          }
        }
      },
      onClose(): void {},
    },
  );
  const { worker_id, instance, secret, heartbeat_ms } = bootstrap;
  socket.send(JSON.stringify({ op: "hello", worker_id, secret }));
  await welcome.promise;
  send("io.cis.worker.ready", { worker_id, instance, pid: process.pid, active: [] });
  const beat = setInterval(
    () => send("io.cis.worker.heartbeat", { active_tasks: 0, rss: 1 }),
    heartbeat_ms,
  );
  return {
    took,
    close(): void {
      clearInterval(beat);
      socket.close();
      process.kill("SIGKILL");
    },
  };
}

function resultOf({ run_id, task_id, attempt, lease }: AttemptRef): object {
  const now = Date.now();
  return {
    ...{ run_id, task_id, attempt, lease, status: "completed", exit_code: 0 },
    ...{ outputs: null, error: null },
    started_at: now,
    finished_at: now,
  };
}
