/** What a task has started ends with it, whatever ends it: proved by process ids. */
import assert from "node:assert/strict";
import type { TaskDispatch } from "../../../lib/schema/room_events.ts";
import { ChildWorker, gone, isRunning } from "../../helpers/child_worker.ts";
import { FakeNode, shell, type TaskOptions } from "../../helpers/fake_node.ts";

/** Children and grandchildren that don't heed SIGTERM; their pids are lines of the output. */
const STUBBORN = `
  trap '' TERM
  sh -c 'trap "" TERM HUP INT; echo $$; sh -c "trap \\"\\" TERM HUP INT; echo \\$\\$; sleep 300; :" & sleep 300; :' &
  echo $$
  (sleep 300 & echo $!; wait) &
  sleep 300; sleep 300`;
const STUBBORN_COUNT = 4;

/** Dispatches a task and waits until it has told the pids of its processes, which then run. */
async function startTelling(
  node: FakeNode,
  command: string,
  { count, ...options }: TaskOptions & { count: number },
): Promise<{ dispatch: TaskDispatch; pids: number[] }> {
  const dispatch = shell(command, options);
  node.dispatch(dispatch);
  await node.until(`${count} pids`, () => node.lines(dispatch).length >= count);
  const pids = node.lines(dispatch).map(({ text }) => Number(text));
  assert.ok(pids.every((pid) => pid > 1), String(pids));
  return { dispatch, pids };
}

Deno.test("what a task has started ends with it", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();

  await t.step("when it takes too long", async () => {
    const options = { count: STUBBORN_COUNT, timeout_ms: 3_000 };
    const { dispatch, pids } = await startTelling(node, STUBBORN, options);
    const { status, error } = await node.result(dispatch);
    assert.deepEqual([status, error], ["failed", {
      code: "timeout",
      message: "ran longer than 3s",
    }]);
    for (const pid of pids) await gone(pid);
  });

  await t.step("when it is cancelled", async () => {
    const { dispatch, pids } = await startTelling(node, STUBBORN, { count: STUBBORN_COUNT });
    assert.ok(pids.every(isRunning));
    node.cancel(dispatch);
    const { status, error } = await node.result(dispatch);
    assert.deepEqual([status, error], ["cancelled", {
      code: "cancelled",
      message: "somebody said so",
    }]);
    for (const pid of pids) await gone(pid);
  });

  await t.step("when it is done itself, without waiting for the others", async () => {
    const command = "sleep 300 & echo $!; (trap '' TERM; sleep 300) & echo $!; exit 5";
    const { dispatch, pids } = await startTelling(node, command, { count: 2 });
    assert.equal((await node.result(dispatch)).exit_code, 5);
    for (const pid of pids) await gone(pid);
  });

  await t.step("a task that heeds SIGTERM can clean up", async () => {
    const command = "trap 'echo bye > cleaned; exit 0' TERM; echo $$; sleep 300 & wait";
    const { dispatch } = await startTelling(node, command, { count: 1 });
    node.cancel(dispatch);
    // Cancelled all the same, whatever it made of it.
    const { status, exit_code } = await node.result(dispatch);
    assert.deepEqual([status, exit_code], ["cancelled", 0]);
    assert.equal(worker.read("cleaned"), "bye\n");
  });

  await t.step("a process in a session of its own doesn't hold the task up", async () => {
    // It escapes the group's end, as the documentation says; its hold on the output does not.
    const command = "setsid sh -c 'echo $$; exec sleep 300' & wait";
    const { dispatch, pids } = await startTelling(node, command, { count: 1 });
    try {
      node.cancel(dispatch);
      assert.equal((await node.result(dispatch)).status, "cancelled");
      assert.ok(pids.every(isRunning));
    } finally {
      for (const pid of pids) Deno.kill(pid, "SIGKILL");
    }
  });

  await t.step("other tasks are left alone", async () => {
    const stays = await startTelling(node, "mkfifo go; echo $$; read -r x < go; exit $x", {
      count: 1,
      task_id: "stays",
    });
    const ends = await startTelling(node, STUBBORN, { count: STUBBORN_COUNT, task_id: "ends" });
    node.cancel(ends.dispatch);
    assert.equal((await node.result(ends.dispatch)).status, "cancelled");
    assert.ok(stays.pids.every(isRunning));
    await Deno.writeTextFile(`${worker.workspace}/go`, "7\n");
    assert.equal((await node.result(stays.dispatch)).exit_code, 7);
  });

  await t.step("a cancel under another lease or attempt changes nothing", async () => {
    const { dispatch } = await startTelling(node, "echo $$; mkfifo x; read -r x < x; exit 8", {
      count: 1,
    });
    node.cancel({ ...dispatch, lease: "another" }, { ...dispatch, attempt: 2 });
    await Deno.writeTextFile(`${worker.workspace}/x`, "\n");
    const { status, exit_code } = await node.result(dispatch);
    assert.deepEqual([status, exit_code], ["failed", 8]);
  });
});
