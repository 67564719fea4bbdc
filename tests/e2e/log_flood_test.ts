/** Output through real processes: nothing is lost or doubled, whatever happens on the way. */
import assert from "node:assert/strict";
import { dataOf } from "../../lib/api/client.ts";
import type { LogLineView } from "../../lib/schema/api.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  withNodeProcess,
} from "../helpers/node_process.ts";
import { within } from "../helpers/deadline.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const SCOPE = { type: "project", project_id: "abc" };
const DEADLINE_MS = 60_000;

/** All lines of a task, by way of a stream. */
async function linesOf(node: NodeProcess, runId: string, taskId: string): Promise<LogLineView[]> {
  const lines: LogLineView[] = [];
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const line of node.client.followLogs(runId, { taskId, signal })) lines.push(line);
  return lines;
}

function assertGrowing(lines: readonly LogLineView[]): void {
  for (const [index, { seq }] of lines.entries()) {
    assert.ok(index === 0 || seq > (lines[index - 1]?.seq ?? 0), `line ${index}`);
  }
}

Deno.test("100,000 lines, the node killed in the middle: every line once, in order", async () => {
  await withTempDir(async (dir) => {
    let node = await startNode(dir);
    try {
      const count = 100_000;
      const { run_id } = await publishAndConfirm(node.client, {
        dag_id: "proj-abc-flood",
        scope: SCOPE,
        tasks: [{
          id: "flood",
          type: "shell",
          // In the middle it waits until it is told that the node has been killed.
          command: `seq 1 ${count / 2}; while [ ! -e killed ]; do sleep 0.05; done; seq ${
            count / 2 + 1
          } ${count}`,
        }],
      });
      const seen: LogLineView[] = [];
      const following = (async () => {
        for await (const line of node.client.followLogs(run_id, { maxFailures: 0 })) {
          seen.push(line);
        }
      })().catch(() => {});
      await within(
        (async () => {
          for await (const { text } of node.client.followLogs(run_id)) if (text === "20000") return;
        })(),
        "the 20,000th line",
        DEADLINE_MS,
      );
      const { port } = new URL(node.url);
      await node.killHard();
      await following;
      await Deno.writeTextFile(`${dir}/workspaces/project-abc/killed`, "");
      node = await startNode(dir, { port: Number(port) });
      // Who followed goes on where it was.
      const rest = node.client.followLogs(run_id, {
        lastEventId: String(seen.at(-1)?.seq ?? 0),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      for await (const line of rest) seen.push(line);
      const run = await waitForEnd(node.client, run_id, DEADLINE_MS);
      assert.deepEqual([run.status, run.tasks[0]?.attempts.length], ["completed", 1]);
      for (const lines of [seen, await linesOf(node, run_id, "flood")]) {
        assert.equal(lines.length, count);
        assert.ok(lines.every(({ text }, index) => text === String(index + 1)));
        assertGrowing(lines);
      }
    } finally {
      await node.stop();
    }
  });
});

Deno.test("two tasks that flood at once on both streams: each has its own lines in its order", async () => {
  await withNodeProcess(async (node) => {
    const count = 20_000;
    const command = (name: string): string =>
      `seq -f ${name}%.0f 1 ${count} & seq -f ${name}%.0f 1 ${count} >&2; wait`;
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-two",
      scope: SCOPE,
      tasks: ["a", "b"].map((id) => ({ id, type: "shell", command: command(id) })),
    });
    await waitForEnd(node.client, run_id, DEADLINE_MS);
    for (const id of ["a", "b"]) {
      const lines = await linesOf(node, run_id, id);
      assertGrowing(lines);
      assert.equal(lines.length, 2 * count);
      for (const stream of ["stdout", "stderr"]) {
        const texts = lines.filter((line) => line.stream === stream).map(({ text }) => text);
        assert.equal(texts.length, count);
        assert.ok(texts.every((text, index) => text === `${id}${index + 1}`), `${id} ${stream}`);
      }
    }
  });
});

Deno.test("one line of 50 MB is kept in parts, whole, while the node answers others", async () => {
  await withNodeProcess(async (node) => {
    const bytes = 50_000_000;
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-long",
      scope: SCOPE,
      tasks: [{ id: "long", type: "shell", command: `head -c ${bytes} /dev/zero | tr '\\0' x` }],
    });
    const ended = waitForEnd(node.client, run_id, DEADLINE_MS);
    let answers = 0;
    let over = false;
    const asking = (async () => {
      while (!over) {
        dataOf(await node.client.health());
        answers++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    assert.equal((await ended).status, "completed");
    over = true;
    await asking;
    assert.ok(answers > 5, `${answers} answers`);
    const response = await fetch(`${node.url}/api/v1/runs/${run_id}/logs?download=1`, {
      headers: { authorization: `Bearer ${node.token}` },
    });
    let length = 0;
    let others = 0;
    for await (const piece of response.body ?? []) {
      for (const byte of piece) {
        if (byte === 0x78) length++;
        else if (byte !== 0x0a) others++;
      }
    }
    assert.deepEqual([length, others], [bytes, 0]);
  }, { config: { policy: { defaults: { max_output: "100MB" } } } });
});

Deno.test("what a worker's process itself writes is in its log, and can be searched", async () => {
  await withNodeProcess(async ({ client }) => {
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "proj-abc-own",
      scope: SCOPE,
      tasks: [{ id: "a", type: "shell", command: "echo something" }],
    });
    await waitForEnd(client, run_id);
    const follow = new AbortController();
    const line = (async () => {
      for await (
        const { text } of client.followWorkerLogs("worker-project-abc", { signal: follow.signal })
      ) {
        if (/ending since/.test(text)) return text;
      }
      return "";
    })();
    dataOf(await client.stopWorker("worker-project-abc"));
    assert.match(
      await within(line, "the worker's last words", 20_000),
      /ending since it got SIGTERM/,
    );
    follow.abort();
    const { lines } = dataOf(await client.searchLogs({ q: "ENDING SINCE" }));
    assert.deepEqual(lines.map(({ run_id, worker_id }) => [run_id, worker_id]), [
      [null, "worker-project-abc"],
    ]);
  });
});
