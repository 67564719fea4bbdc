/** Pages: how long the node takes for them, what they weigh, how soon they are seen, who may watch. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { dataOf } from "../../lib/api/client.ts";
import { withPage } from "../helpers/browser.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
} from "../helpers/node_process.ts";
import { answerTime, processorTime, ROUNDS } from "./answer_time.ts";
import { inDirectory } from "./directory.ts";
import { firstPaint } from "./first_paint.ts";
import { residentBytes } from "./memory.ts";
import { sessionCookie } from "./session_cookie.ts";
import { fillRuns, storedRunId } from "./stored_runs.ts";
import { mb, ms, note, percentile } from "./table.ts";
import { GLOBAL } from "./time_run.ts";

const STORED = 100_000;
const TASKS = 1_000;
const READERS = 200;
const PAINTS = 5;

/** Measures all of it, with many runs stored. */
export async function benchPages(): Promise<void> {
  await inDirectory(async (dir) => {
    fillRuns(join(dir, "cis.db"), STORED);
    const node = await startNode(dir);
    try {
      const cookie = await sessionCookie(node);
      const { run_id } = await publishAndConfirm(node.client, grid("grid", TASKS));
      await waitForEnd(node.client, run_id, 60_000);
      await benchAnswers(node, { cookie, large: `/runs/${run_id}` });
      await withPage((page) => benchBrowser(node, { page, large: `/runs/${run_id}` }));
      await benchReaders(node, cookie);
    } finally {
      await node.stop();
    }
  });
}

/** Ten columns of tasks that do nothing, each behind its neighbour. */
function grid(dag_id: string, count: number): { dag_id: string } {
  const tasks = Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    type: "noop",
    depends_on: n < count / 10 ? [] : [`t${n - count / 10}`],
  }));
  return { dag_id, scope: GLOBAL, max_parallel: 100, tasks } as { dag_id: string };
}

async function benchAnswers(
  { url, pid }: NodeProcess,
  { cookie, large }: { cookie: string; large: string },
): Promise<void> {
  const stored = `/runs/${storedRunId(STORED / 2)}`;
  const paths: readonly (readonly [name: string, path: string])[] = [
    ...["/", "/pending", "/decisions", "/dags", "/dags/dag-7", "/publish", "/runs"].map((path) =>
      [path, path] as const
    ),
    ["a run", stored],
    ["a task", `${stored}/tasks/a`],
    [`a run of ${TASKS} tasks`, large],
    ["a task of it", `${large}/tasks/t500`],
    ...["/workers", "/logs", "/settings", "/settings/audit"].map((path) => [path, path] as const),
  ];
  for (const [name, path] of paths) {
    const before = await processorTime(pid);
    const time = await answerTime(url + path, { cookie });
    const taken = (await processorTime(pid) - before) / ROUNDS;
    note(`page ${name}, ${STORED} runs stored`, time, "p95 < 30 ms");
    note("  time of a processor for it", ms(taken));
  }
}

async function benchBrowser(
  node: NodeProcess,
  { page, large }: { page: Page; large: string },
): Promise<void> {
  const { url } = dataOf(await node.client.signInLink());
  await page.goto(url);
  await page.waitForURL(`${node.url}/`);
  const paints: number[] = [];
  for (let round = 0; round < PAINTS; round++) {
    await page.goto(node.url + large);
    paints.push(await firstPaint(page));
  }
  note(
    `first paint of a run of ${TASKS} tasks, p50 of ${PAINTS}`,
    ms(percentile(paints, 0.5)),
    "< 500 ms",
  );
  await benchFrames(node, page);
  for (const path of ["/", "/runs", large, `${large}/tasks/t500`, "/workers"]) {
    const { bytes, requests } = await weigh(page, node.url + path);
    note(
      `${path.replace(/dag-run-[-0-9a-f]+/, "…")}, sent to a new browser`,
      `${(bytes / 1000).toFixed(0)} kB`,
    );
    note("  in requests", String(requests));
  }
}

/** How long one picture stands while a run of many tasks goes on under a reader's eyes. */
async function benchFrames(node: NodeProcess, page: Page): Promise<void> {
  const { run_id, approve } = await startGated(node, "frames");
  await page.goto(`${node.url}/runs/${run_id}`);
  await page.evaluate(`{
    globalThis.frames = [];
    let last = performance.now();
    const next = (now) => { frames.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
  }`);
  await approve();
  await page.locator(".page-title .badge-good").waitFor({ timeout: 60_000 });
  const frames = await page.evaluate<number[]>("globalThis.frames");
  note(`time between pictures while ${TASKS} tasks run, p95`, ms(percentile(frames, 0.95)));
  note("  the longest", ms(percentile(frames, 1)));
}

/** A run of many tasks behind a gate. */
async function startGated(
  { client }: NodeProcess,
  name: string,
): Promise<{ run_id: string; approve: () => Promise<void> }> {
  const gate = { id: "gate", type: "approval" };
  const chain = Array.from({ length: TASKS }, (_, n) => ({
    id: `t${n}`,
    type: "noop",
    depends_on: [n < 10 ? "gate" : `t${n - 10}`],
  }));
  const doc = { dag_id: `gated-${name}`, scope: GLOBAL, tasks: [gate, ...chain] };
  const { run_id } = await publishAndConfirm(client, doc);
  const approve = async (): Promise<void> => {
    const [decision] = dataOf(await client.decisions({ run: run_id })).decisions;
    dataOf(await client.decide(decision?.decision_id ?? "", "approve"));
  };
  return { run_id, approve };
}

/** All that a browser without a cache loads for a page, as it goes over the network. */
async function weigh(page: Page, url: string): Promise<{ bytes: number; requests: number }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  let [bytes, requests] = [0, 0];
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests++;
  });
  await page.goto(url, { waitUntil: "networkidle" });
  await cdp.detach();
  return { bytes, requests };
}

/** A run that goes on, watched by nobody and then by many. */
async function benchReaders(node: NodeProcess, cookie: string): Promise<void> {
  await timeWatched(node, { name: "warm-up", cookie, readers: 0 });
  const alone = await timeWatched(node, { name: "alone", cookie, readers: 0 });
  const before = await residentBytes(node.pid);
  const watched = await timeWatched(node, { name: "watched", cookie, readers: READERS });
  note(`a run of ${TASKS} tasks that nobody watches`, ms(alone.took));
  note(`  that ${READERS} pages follow`, ms(watched.took), "no slower");
  note("  memory of the node meanwhile", `${mb(watched.most - before)} more`, "< 100 MB");
  note("  sent to each page", `${(watched.bytes / READERS / 1000).toFixed(0)} kB`);
}

async function timeWatched(
  node: NodeProcess,
  { name, cookie, readers }: { name: string; cookie: string; readers: number },
): Promise<{ took: number; most: number; bytes: number }> {
  const { run_id, approve } = await startGated(node, name);
  const following = Array.from(
    { length: readers },
    () => read(`${node.url}/runs/${run_id}/live`, cookie),
  );
  await Promise.all(following.map(({ opened }) => opened));
  let most = await residentBytes(node.pid);
  const watching = setInterval(
    async () => most = Math.max(most, await residentBytes(node.pid)),
    100,
  );
  await approve();
  const { started_at, finished_at } = await ended(node, run_id);
  const all = await Promise.all(following.map(({ ended }) => ended));
  clearInterval(watching);
  const bytes = all.reduce((sum, one) => sum + one, 0);
  return { took: Date.parse(finished_at) - Date.parse(started_at), most, bytes };
}

/** Begin of the first task behind the gate, and end of the run. */
async function ended(
  { client }: NodeProcess,
  runId: string,
): Promise<{ started_at: string; finished_at: string }> {
  const run = await waitForEnd(client, runId, 120_000);
  const begun = run.tasks.flatMap(({ task_id, started_at }) =>
    task_id === "gate" || started_at === null ? [] : [started_at]
  ).sort();
  return { started_at: begun[0] ?? "", finished_at: run.finished_at ?? "" };
}

/** Follows a page's stream to its end. @returns how many bytes came */
function read(url: string, cookie: string): { opened: Promise<void>; ended: Promise<number> } {
  const opening = fetch(url, { headers: { cookie, accept: "text/event-stream" } });
  const reading = async (): Promise<number> => {
    const { body } = await opening;
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += chunk.length;
    return bytes;
  };
  return { opened: opening.then(() => undefined), ended: reading() };
}
