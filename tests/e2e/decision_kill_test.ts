/** The node is killed while tasks wait for people and while it rolls back; real workers, real shells. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { DecisionView } from "../../lib/schema/decision.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  waitForEvent,
} from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const MARK = 'echo "$CIS_TASK_ID $CIS_ATTEMPT" >> "$MARKS"';

async function openDecision({ client }: NodeProcess, run: string): Promise<DecisionView> {
  await waitForEvent(client, run, ({ type }) => type === "decision.requested");
  const [decision] = dataOf(await client.decisions({ run, status: "open" })).decisions;
  assert.ok(decision, "nothing is asked");
  return decision;
}

Deno.test("a decision that waits survives kill -9, and one whose time ended meanwhile starts nothing", async () => {
  await withTempDir(async (dir) => {
    const marks = await placeForMarks(dir);
    const shell = { type: "shell", command: MARK };
    const waits = {
      dag_id: "waits",
      env: { MARKS: marks },
      tasks: [
        { id: "before", ...shell },
        { id: "gate", type: "approval", depends_on: ["before"] },
        { id: "after", ...shell, depends_on: ["gate"] },
      ],
    };
    const level = { type: "recommended", default_action: "execute", timeout: "5s" };
    const counts = {
      dag_id: "counts",
      env: { MARKS: marks },
      tasks: [{ id: "late", ...shell, level }],
    };
    let node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
    try {
      const { run_id } = await publishAndConfirm(node.client, waits);
      const asked = await openDecision(node, run_id);
      const countdown = await publishAndConfirm(node.client, counts);
      const { expires_at } = await openDecision(node, countdown.run_id);
      await node.killHard();
      // The countdown is real time, and ends while nobody can object.
      const left = Date.parse(expires_at) - Date.now();
      assert.ok(left > 0, "the machine was too slow to kill the node before the countdown ended");
      await new Promise((resolve) => setTimeout(resolve, left + 1));
      node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
      const missed = await waitForEnd(node.client, countdown.run_id);
      assert.equal(missed.status, "failed");
      assert.match(missed.error ?? "", /while the node was down and nobody could object/);
      const again = await openDecision(node, run_id);
      assert.deepEqual(again, asked, "the same question, with the same time");
      const reason = "it came back";
      dataOf(await node.client.decide(asked.decision_id, "approve", { reason }));
      // Killed in the very moment after the answer: what was said stays said.
      await node.killHard();
      node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
      const run = await waitForEnd(node.client, run_id);
      assert.equal(run.status, "completed", run.error ?? "");
      assert.deepEqual(run.decisions.map(({ status, reason }) => [status, reason]), [
        ["approved", reason],
      ]);
      // An attempt that was cut off by the kill may have left its mark; no attempt leaves two.
      const done = Deno.readTextFileSync(marks).trim().split("\n");
      assert.equal(new Set(done).size, done.length, `${done}`);
      const tasks = new Set(done.map((line) => line.split(" ")[0]));
      assert.deepEqual([...tasks], ["before", "after"], "the countdown has started nothing");
    } finally {
      await node.stop();
    }
  });
});

Deno.test("a rollback goes on after kill -9 of node and worker, in its order, and names the first failure", async () => {
  await withTempDir(async (dir) => {
    const marks = await placeForMarks(dir);
    const undo = (id: string, more = ""): object => ({
      ...{ id, type: "shell", command: 'echo n=7 > "$CIS_OUTPUT"' },
      rollback: [`${more}echo "undo ${id} $CIS_INPUT_${id.toUpperCase()}_N" >> "$MARKS"`],
    });
    const doc = {
      dag_id: "rolls",
      env: { MARKS: marks },
      tasks: [
        undo("a"),
        // Its rollback waits the first time that it is carried out, and only then.
        {
          ...undo("b", '[ -e "$MARKS" ] || { echo "began b" > "$MARKS"; sleep 600; }\n'),
          depends_on: ["a"],
        },
        { id: "c", type: "shell", command: "exit 3", depends_on: ["b"] },
      ],
    };
    let node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
    try {
      const { run_id } = await publishAndConfirm(node.client, doc);
      await waitForFile(marks);
      await node.killHard();
      node = await startNode(dir, { config: { orphan_grace_ms: 0, reconnect_grace_ms: 1 } });
      const run = await waitForEnd(node.client, run_id);
      assert.equal(run.status, "failed");
      assert.match(run.error ?? "", /^task "c" failed: .*; 2 tasks were rolled back$/);
      assert.equal(Deno.readTextFileSync(marks), "began b\nundo b 7\nundo a 7\n");
      assert.deepEqual(run.tasks.map(({ rollback }) => rollback), ["done", "done", null]);
      assert.deepEqual(
        run.tasks[1]?.attempts.map(({ kind, status }) => `${kind} ${status}`),
        ["task completed", "rollback lost", "rollback completed"],
      );
    } finally {
      await node.stop();
    }
  });
});

/** A file in the workspace of these DAGs: nothing else can be written behind walls. */
async function placeForMarks(dataDir: string): Promise<string> {
  const workspace = join(dataDir, "workspaces", "global");
  await Deno.mkdir(workspace, { recursive: true });
  return join(workspace, "marks");
}

/** Waits until a file is there. */
async function waitForFile(path: string): Promise<void> {
  const watcher = Deno.watchFs(join(path, ".."));
  const timer = setTimeout(() => watcher.close(), 20_000);
  try {
    if (isThere(path)) return;
    for await (const _event of watcher) if (isThere(path)) return;
    throw new Error(`${path} did not appear within 20 s`);
  } finally {
    clearTimeout(timer);
    try {
      watcher.close();
    } catch {
      // The deadline has closed it.
    }
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}
