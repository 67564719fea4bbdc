/** What tests of nodes that share a room have in common. */
import assert from "node:assert/strict";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { RunView } from "../../lib/schema/api.ts";
import { publishAndConfirm } from "../helpers/node_process.ts";
import { RoomFleet, type RoomFleetOptions } from "../helpers/room_fleet.ts";
import { type Synapse, type SynapseOptions, withSynapse } from "../helpers/synapse.ts";

/** How long workers outlive their node, and how long a claim is held, in the tests about losing it. */
export const ORPHAN_MS = 1_500;
export const QUICK: RoomFleetOptions = {
  config: { orphan_grace_ms: ORPHAN_MS, heartbeat_ms: 500 },
  matrix: { hold_ms: 3_000 },
  // The first is busy, so that another one gets what is for any.
  placeOf: (id) => id === "node1" ? { config: { max_running_runs: 1 } } : undefined,
};
export const SCOPE = { type: "project", project_id: "p" };

/** Runs `use` with three nodes on a homeserver of their own, and a directory for what their tasks leave. */
export async function withFleet(
  use: (fleet: RoomFleet, marks: string, synapse: Synapse) => Promise<void>,
  { synapse: settings, ...options }: RoomFleetOptions & { readonly synapse?: SynapseOptions } = {},
): Promise<void> {
  await withSynapse(async (synapse) => {
    const marks = await Deno.makeTempDir({ prefix: "cis-marks-" });
    try {
      await using fleet = await RoomFleet.start(synapse, ["node1", "node2", "node3"], options);
      await use(fleet, marks, synapse);
    } finally {
      await Deno.remove(marks, { recursive: true });
    }
  }, settings);
}

export async function runOf(client: Client, runId: string): Promise<RunView> {
  return dataOf(await client.getRun(runId));
}

export async function linesOf(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).trim().split("\n").filter((line) => line !== "");
  } catch {
    // Nobody has been there yet.
    return [];
  }
}

/** A task that leaves a mark, with the time and its own process, twenty times a second while it runs. */
export function marking(file: string, seconds: number): string {
  return `for i in $(seq ${seconds * 20}); do echo "$(date +%s%N) $$" >> ${file}; sleep 0.05; done`;
}

/** When each process that left marks began and ended, in the order of their beginnings. */
export async function spansOf(file: string): Promise<{ pid: string; from: number; to: number }[]> {
  const spans = new Map<string, { pid: string; from: number; to: number }>();
  for (const line of await linesOf(file)) {
    const [time = "", pid = ""] = line.split(" ");
    const at = Number(BigInt(time) / 1_000_000n);
    const span = spans.get(pid) ?? { pid, from: at, to: at };
    spans.set(pid, { pid, from: Math.min(span.from, at), to: Math.max(span.to, at) });
  }
  return [...spans.values()].sort((a, b) => a.from - b.from);
}

/** Fails if two processes left marks at one time. */
export function assertOneAtATime(spans: readonly { from: number; to: number }[]): void {
  spans.slice(1).forEach(({ from }, at) => {
    const before = spans[at];
    assert.ok(before !== undefined && before.to < from, `two at a time: ${JSON.stringify(spans)}`);
  });
}

/** Waits until something is so. */
export async function until<T>(find: () => Promise<T | undefined>, ms = 30_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`it didn't come to be within ${ms} ms: ${find}`);
    // What other nodes do is no event here.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The node that carries a run out now. */
export function holderOf(fleet: RoomFleet, runId: string, ids: readonly string[]): Promise<string> {
  return until(async () => {
    for (const id of ids) {
      const found = await fleet.get(id).client.getRun(runId);
      if (!found.ok || found.data.status === "queued" || found.data.waiting !== null) continue;
      if (found.data.node_id === id) return id;
    }
    return undefined;
  });
}

/** Gives a node something to do that takes longer than the test. */
export async function occupy(client: Client): Promise<void> {
  await publishAndConfirm(client, {
    dag_id: "busy",
    scope: { type: "user", user_id: "u" },
    tasks: [{ id: "t", command: "sleep 600" }],
  });
}
