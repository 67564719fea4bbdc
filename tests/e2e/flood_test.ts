/** A worker that sends ten thousand messages a second: what others notice of it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Client, dataOf } from "../../lib/api/client.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  waitForEnd,
  withNodeProcess,
} from "../helpers/node_process.ts";

const FLOODER = fileURLToPath(new URL("../helpers/flooder.ts", import.meta.url));
const RATE = 10_000;
const SECONDS = 4;
/** What a flood may cost others: this machine may be busy with much else. */
const MAX_FACTOR = 25;
/** Below this a time is mostly chance. */
const FLOOR_MS = 10;

interface Times {
  readonly request: number;
  readonly dispatch: number;
}

/** Median times of a request, and of a run from its confirmation to its end on another worker. */
async function measure(client: Client, isEnough: (rounds: number) => boolean): Promise<Times> {
  const requests: number[] = [];
  const dispatches: number[] = [];
  while (!isEnough(dispatches.length)) {
    requests.push(await timeOf(async () => void dataOf(await client.workers())));
    dispatches.push(
      await timeOf(async () => {
        const { run_id } = await publishAndConfirm(client, {
          dag_id: "proj-other-probe",
          scope: { type: "project", project_id: "other" },
          tasks: [{ id: "probe", type: "shell", command: "true", env: { N: crypto.randomUUID() } }],
        });
        assert.equal((await waitForEnd(client, run_id)).status, "completed");
      }),
    );
  }
  return { request: median(requests), dispatch: median(dispatches) };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Resident memory of a process in bytes. */
function memoryOf(pid: number): number {
  return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4096;
}

async function startFlood({ client }: NodeProcess): Promise<Deno.ChildProcess> {
  const place = dataOf(await client.startWorker({ scope: { type: "user", user_id: "flood" } }));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", FLOODER, String(RATE), String(SECONDS)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(place.bootstrap)));
  await writer.close();
  return child;
}

Deno.test("ten thousand messages a second of one worker leave requests and other workers usable", async () => {
  await withNodeProcess(async (node) => {
    const quiet = await measure(node.client, (rounds) => rounds >= 15);
    const memory = memoryOf(node.pid);
    const flooder = await startFlood(node);
    let isOver = false;
    const text = new Response(flooder.stdout).text().finally(() => isOver = true);
    const flooded = await measure(node.client, () => isOver);
    const sent = Number(await text);
    const said = JSON.stringify({ quiet, flooded, sent, memory, after: memoryOf(node.pid) });
    // The node reads no faster than it wants to; what it doesn't read can't be sent.
    assert.ok(sent > 1_000 * SECONDS, `it did send a lot: ${said}`);
    assert.ok((await flooder.status).success, `and was not cut off: ${said}`);
    for (const what of ["request", "dispatch"] as const) {
      const limit = MAX_FACTOR * Math.max(quiet[what], FLOOR_MS);
      assert.ok(flooded[what] < limit, `${what}: ${said}`);
    }
    assert.ok(memoryOf(node.pid) < 3 * memory, said);
  });
});
