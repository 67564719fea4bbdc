import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ChildWorker, gone, isRunning } from "../../helpers/child_worker.ts";
import { FakeNode, shell } from "../../helpers/fake_node.ts";

Deno.test("a shell task", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();

  await t.step("completes with exit code 0 and its lines come before the result", async () => {
    const dispatch = shell("echo out; echo err >&2");
    const result = await node.run(dispatch);
    equal(result.status, "completed");
    equal(result.exit_code, 0);
    equal(result.error, null);
    deepEqual(node.lines(dispatch).map((l) => `${l.stream}:${l.text}`).sort(), [
      "stderr:err",
      "stdout:out",
    ]);
    deepEqual(node.lines(dispatch).map((l) => l.line), [1, 2]);
  });
  await t.step("fails", async () => {
    const result = await node.run(shell("exit 3"));
    deepEqual([result.status, result.exit_code, result.error], ["failed", 3, {
      code: "exit_code",
      message: "exited with code 3",
    }]);
  });
  await t.step("timeout", async () => {
    const result = await node.run(shell("sleep 30 & echo $! > bg; wait", { timeout_ms: 300 }));
    deepEqual([result.status, result.error], ["failed", {
      code: "timeout",
      message: "ran longer than 300ms",
    }]);
    await gone(Number(worker.read("bg")));
  });
  ok(isRunning(worker.process.pid));
  match("a", /a/);
});
