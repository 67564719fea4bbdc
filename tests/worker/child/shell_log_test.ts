/** The output of shell tasks on its way to the node. */
import assert from "node:assert/strict";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, shell, type TaskOptions } from "../../helpers/fake_node.ts";
import type { LogLine } from "../../../lib/schema/log_chunk.ts";
import type { TaskResult } from "../../../lib/schema/room_events.ts";

const MAX_CONTENT = 48 * 1024;
const MIB = 1024 * 1024;

interface Ran {
  readonly result: TaskResult;
  readonly lines: LogLine[];
}

/** With so many bytes of output at most. */
function limited(output: number): TaskOptions {
  return { limits: { memory: null, cpu: null, file_size: null, output } };
}

async function run(node: FakeNode, command: string, options?: TaskOptions): Promise<Ran> {
  const dispatch = shell(command, options);
  const result = await node.run(dispatch);
  return { result, lines: node.lines(dispatch) };
}

Deno.test("output of a shell task", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();

  await t.step("stdout and stderr are told apart and numbered together", async () => {
    // Each line waits until the one before has reached the node, so there is one order to expect.
    // Each wait has a pipe of its own: of a shared one, a reader may find the last writer's end.
    const dispatch = shell(
      "for i in 1 3 5; do echo out$i; read -r _ < go$i; j=$((i + 1)); echo err$j >&2; read -r _ < go$j; done",
    );
    const pipes = [1, 2, 3, 4, 5, 6].map((n) => `${worker.workspace}/go${n}`);
    await new Deno.Command("mkfifo", { args: pipes }).output();
    node.dispatch(dispatch);
    for (let count = 1; count <= 6; count++) {
      await node.until(`${count} lines`, () => node.lines(dispatch).length === count);
      await Deno.writeTextFile(`${worker.workspace}/go${count}`, "\n");
    }
    assert.equal((await node.result(dispatch)).status, "completed");
    assert.deepEqual(
      node.lines(dispatch).map(({ line, stream, text }) => [line, stream, text]),
      [1, 3, 5].flatMap((n) => [
        [n, "stdout", `out${n}`],
        [n + 1, "stderr", `err${n + 1}`],
      ]),
    );
  });

  await t.step("lines have times that don't go back", async () => {
    const before = Date.now();
    const { lines } = await run(node, "for i in 1 2 3 4 5; do echo $i; done");
    const times = [before, ...lines.map((line) => line.time), Date.now()];
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
  });

  await t.step("line ends of all kinds, and none at the end", async () => {
    const { lines } = await run(node, "printf 'a\\r\\n\\nb\\rc\\n  last'");
    assert.deepEqual(lines.map((line) => line.text), ["a", "", "b\rc", "  last"]);
  });

  await t.step("a character that comes in two halves is one", async () => {
    // The first half is out, alone, before the second one is written.
    const { lines } = await run(
      node,
      "printf 'x\\360\\237'; sleep 0.05; printf '\\230\\200 \\303' >&1; sleep 0.05; printf '\\274\\n'",
    );
    assert.deepEqual(lines.map((line) => line.text), ["x😀 ü"]);
  });

  await t.step("bytes that are no text are replaced, and the task goes on", async () => {
    const { result, lines } = await run(node, "printf 'a\\377\\000b\\n'; printf '\\303'");
    assert.equal(result.status, "completed");
    assert.deepEqual(lines.map((line) => line.text), ["a\uFFFD\0b", "\uFFFD"]);
  });

  await t.step("random bytes get through in events of an allowed size", async () => {
    const { result, lines } = await run(node, "head -c 300000 /dev/urandom");
    assert.equal(result.status, "completed");
    assert.deepEqual(lines.map((line) => line.line), lines.map((_, index) => index + 1));
    assert.ok(lines.reduce((sum, { text }) => sum + text.length, 0) > 150_000);
  });

  await t.step("a long line is split, and nothing of it is lost", async () => {
    const { lines } = await run(node, "head -c 100000 /dev/zero | tr '\\0' '\"'; echo end");
    assert.ok(lines.length > 12);
    assert.equal(lines.map((line) => line.text).join(""), `${'"'.repeat(100_000)}end`);
    for (const { text } of lines) assert.ok(JSON.stringify(text).length <= 8 * 1024 + 2);
  });

  await t.step("10,000 lines come in order, and all of them before the result", async () => {
    const { result, lines } = await run(node, "seq 10000");
    assert.equal(result.status, "completed");
    assert.equal(lines.length, 10_000);
    for (const [index, { line, text }] of lines.entries()) {
      assert.deepEqual([line, text], [index + 1, String(index + 1)]);
    }
    const logs = node.sendFrames().findLastIndex((frame) => frame.type === "io.cis.task.log");
    const end = node.sendFrames().findLastIndex((frame) => frame.type === "io.cis.task.result");
    assert.ok(logs < end);
  });

  await t.step("no event was larger than a homeserver takes", () => {
    const sizes = node.sendFrames()
      .map(({ content }) => new TextEncoder().encode(JSON.stringify(content)).length);
    assert.ok(sizes.length > 10);
    assert.ok(Math.max(...sizes) <= MAX_CONTENT, String(Math.max(...sizes)));
  });
});

Deno.test("output beyond the limit is cut visibly, and the task runs on", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  const options = limited(64 * 1024);
  const kept = (lines: LogLine[]): number =>
    lines.slice(0, -1).reduce((sum, { text }) => sum + text.length + 1, 0);

  await t.step("much too much", async () => {
    const { result, lines } = await run(
      node,
      "yes | head -c 50000000; echo a=1 > $CIS_OUTPUT",
      options,
    );
    assert.deepEqual([result.status, result.outputs], ["completed", { a: "1" }]);
    assert.equal(lines.at(-1)?.text, "[output cut at 64 KiB]");
    assert.equal(kept(lines), 64 * 1024);
  });
  await t.step("both streams count, and the line that was begun is kept", async () => {
    const { lines } = await run(
      node,
      "yes | head -c 30000 >&2; yes | head -c 30000; sleep 0.05; head -c 9000 /dev/zero | tr '\\0' z",
      options,
    );
    assert.equal(lines.at(-1)?.text, "[output cut at 64 KiB]");
    const z = lines.filter(({ text }) => text.startsWith("z")).map(({ text }) => text).join("");
    assert.equal(z.length, 64 * 1024 - 60_000);
  });
  await t.step("exactly as much as may be is not cut", async () => {
    const { lines } = await run(node, `yes | head -c ${64 * 1024}`, options);
    assert.equal(lines.length, 32 * 1024);
    assert.ok(lines.every(({ text }) => text === "y"));
  });
  await t.step("each attempt has the limit for itself", async () => {
    const { lines } = await run(node, "echo still here", options);
    assert.deepEqual(lines.map(({ text }) => text), ["still here"]);
  });
});

Deno.test("while the node confirms nothing, a task that floods waits, and nothing is lost", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  node.confirms = false;
  const count = 20_000;
  const flood = shell(
    `yes "$(head -c 1000 /dev/zero | tr '\\0' x)" | head -n ${count}; touch done`,
    limited(64 * 1024 * 1024),
  );
  const sentBytes = (): number => node.lines(flood).length * 1000;
  node.dispatch(flood);
  await node.until("as much as is kept", () => sentBytes() > 1.75 * MIB);
  // Other tasks still get their share, and time in which the flood could go on.
  await node.run(shell("sleep 0.3"));
  assert.ok(sentBytes() < 2.25 * MIB, `${sentBytes()} bytes`);
  assert.throws(() => worker.read("done"), Deno.errors.NotFound);

  node.confirms = true;
  for (const { txn } of node.sendFrames()) node.sendFrame({ op: "sent", txn });
  assert.equal((await node.result(flood)).status, "completed");
  const lines = node.lines(flood);
  assert.equal(lines.length, count);
  assert.ok(lines.every(({ line, text }, index) => line === index + 1 && text.length === 1000));
});
