/** How the process of a deno task ends, other than by what the task returns or throws. */
import assert from "node:assert/strict";
import type { TaskDispatch } from "../../../lib/schema/room_events.ts";
import { ChildWorker, gone } from "../../helpers/child_worker.ts";
import { FakeNode, task, type TaskOptions } from "../../helpers/fake_node.ts";

/** A deno task with a script. */
function script(text: string, options?: TaskOptions): TaskDispatch {
  return task({ type: "deno", script: text }, options);
}

Deno.test("a deno task that ends without a result", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();

  const stuck: [name: string, text: string][] = [
    ["a promise that nothing settles", "export default () => new Promise(() => {});"],
    [
      "nothing but a timer that doesn't count",
      "export default () => new Promise((r) => Deno.unrefTimer(setTimeout(r, 9e6)));",
    ],
  ];
  for (const [name, text] of stuck) {
    await t.step(`${name} fails at once`, async () => {
      const { status, exit_code, error } = await node.run(script(text, { timeout_ms: 60_000 }));
      assert.deepEqual([status, exit_code, error], ["failed", 1, {
        code: "no_result",
        message: "the task waits for something that can't come any more: nothing is pending",
      }]);
    });
  }

  await t.step("a module that waits for ever fails at once, too", async () => {
    const text = "await new Promise(() => {}); export default () => 1;";
    const dispatch = script(text, { timeout_ms: 60_000 });
    const { status, error } = await node.run(dispatch);
    assert.deepEqual([status, error?.code], ["failed", "exit_code"]);
    const log = node.lines(dispatch).map((line) => line.text).join("\n");
    assert.match(log, /Top-level await promise never resolved/);
  });

  for (
    const [code, error] of [
      [0, { code: "no_result", message: /before the task returned; don't call Deno.exit/ }],
      [3, { code: "exit_code", message: /^exited with code 3$/ }],
    ] as const
  ) {
    await t.step(`Deno.exit(${code}) is no result`, async () => {
      const result = await node.run(script(`export default () => Deno.exit(${code});`));
      assert.deepEqual([result.status, result.error?.code], ["failed", error.code]);
      assert.match(result.error?.message ?? "", error.message);
    });
  }

  await t.step("without asking for the signal it is ended when it is cancelled", async () => {
    const dispatch = script(`export default ({ log }) => {
      log(String(Deno.pid));
      return new Promise(() => setInterval(() => {}, 1000));
    }`);
    node.dispatch(dispatch);
    await node.until("its pid", () => node.lines(dispatch).length > 0);
    node.cancel(dispatch);
    assert.equal((await node.result(dispatch)).status, "cancelled");
    await gone(Number(node.lines(dispatch)[0]?.text));
  });
});

Deno.test("a deno task that goes wrong takes nothing with it", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();

  await t.step("an endless loop is killed at its timeout, by its pid", async () => {
    const dispatch = script(
      'export default () => { Deno.writeTextFileSync("pid", String(Deno.pid)); while (true); };',
      { timeout_ms: 2_000, permissions: worker.permissions },
    );
    const { status, error } = await node.run(dispatch);
    assert.deepEqual([status, error], ["failed", {
      code: "timeout",
      message: "ran longer than 2s",
    }]);
    await gone(Number(worker.read("pid")));
  });

  await t.step("a heap that overflows fails this task; another and the worker go on", async () => {
    const other = script(
      `export default async () => {
        while (true) {
          try { Deno.statSync("go on"); return "fine"; } catch { await new Promise((r) => setTimeout(r, 5)); }
        }
      }`,
      { task_id: "other", permissions: worker.permissions },
    );
    const greedy = script(
      "export default () => { const all = []; while (true) all.push(new Array(1e5).fill(0.5)); };",
      // So that it needs no gigabytes to overflow.
      { limits: { memory: 50 * 1024 ** 2, cpu: null, file_size: null, output: 1024 ** 2 } },
    );
    node.dispatch(other);
    const { status, error } = await node.run(greedy);
    assert.deepEqual([status, error], ["failed", {
      code: "out_of_memory",
      message: "was ended since it used more memory than 50 MiB",
    }]);
    assert.match(node.lines(greedy).map(({ text }) => text).join("\n"), /out of memory/);
    worker.write("go on", "");
    assert.equal((await node.result(other)).outputs, "fine");
    assert.equal(node.welcomes, 1);
  });
});
