/** One worker with everything about it. */
import type { WorkerDetailView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope.ts";
import type { CliContext } from "./context.ts";
import type { Output } from "./output.ts";
import { stateText } from "./state_text.ts";
import { agoText, clockText, durationText, momentText } from "./time_text.ts";

type Change = WorkerDetailView["history"][number];
type Sample = WorkerDetailView["samples"][number];

/** Changes and samples that fit on a screen. */
const MAX_ROWS = 10;

/** Memory in the unit that workers are measured in. */
export function memoryText(bytes: number | null): string {
  return bytes === null ? "" : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function showWorkerDetail({ out, now }: CliContext, worker: WorkerDetailView): void {
  out.line(`${out.paint("bold", worker.worker_id)}  ${stateText(out, worker.status)}`);
  out.fields([
    ["scope", scopeKey(worker.scope)],
    ["room", worker.room_id],
    ["node", worker.node_id],
    ["pid", worker.pid === null ? null : String(worker.pid)],
    ["started", worker.started_at && momentText(worker.started_at)],
    ["started by", worker.managed_by === "cli" ? "worker start in a terminal" : "the node"],
    ["heartbeat", worker.last_heartbeat && agoText(worker.last_heartbeat, now())],
    ["tasks", `${worker.active_tasks} running`],
    ["memory", memoryText(worker.rss)],
    ["cpu", worker.cpu_ms === null ? null : durationText(worker.cpu_ms)],
    ["restarts", restartsText(worker)],
    ["again", worker.restart_at && agoText(worker.restart_at, now())],
    ["waits", worker.waiting_for],
    ["error", worker.error],
  ]);
  showHistory(out, worker.history);
  showSamples(out, worker.samples);
  if (worker.permission_flags.length === 0) return;
  out.line(out.paint("bold", "Permissions"));
  for (const flag of worker.permission_flags) out.line(`  ${flag}`);
}

function restartsText({ restarts, crashes_in_row }: WorkerDetailView): string {
  return crashes_in_row === 0 ? String(restarts) : `${restarts} (${crashes_in_row} in a row)`;
}

function showHistory(out: Output, history: readonly Change[]): void {
  if (history.length === 0) return;
  out.line(out.paint("bold", "What became of it, newest first"));
  for (const change of history.slice(0, MAX_ROWS)) {
    const pid = change.pid === null ? "" : ` (pid ${change.pid})`;
    const state = stateText(out, change.status);
    out.line(`  ${momentText(change.time)}  ${state}${pid}: ${change.reason}`);
    for (const line of change.last_lines) out.line(`    ${line}`);
  }
}

function showSamples(out: Output, samples: readonly Sample[]): void {
  if (samples.length === 0) return;
  out.line(out.paint("bold", "Memory and CPU"));
  const rows = samples.slice(-MAX_ROWS).map((sample) => [
    clockText(sample.time),
    memoryText(sample.rss),
    sample.cpu_ms === null ? "" : durationText(sample.cpu_ms),
    String(sample.active_tasks),
  ]);
  out.table(["TIME", "MEMORY", "CPU SO FAR", "TASKS"], rows);
}
