/** Shell tasks in a real worker process: how they end, where they run, what they are told. */
import assert from "node:assert/strict";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, shell, type TaskOptions } from "../../helpers/fake_node.ts";

/** Lines of stdout of a command that has to succeed. */
async function outputOf(node: FakeNode, command: string, options?: TaskOptions): Promise<string[]> {
  const dispatch = shell(command, options);
  const result = await node.run(dispatch);
  assert.deepEqual([result.status, result.error], ["completed", null]);
  return node.lines(dispatch).filter((line) => line.stream === "stdout").map((line) => line.text);
}

Deno.test("how a shell task ends is its result", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();

  await t.step("exit 0 completes it, and its lines come before the result", async () => {
    const before = Date.now();
    const dispatch = shell("echo out; echo err >&2");
    const result = await node.run(dispatch);
    assert.deepEqual([result.status, result.exit_code, result.outputs, result.error], [
      "completed",
      0,
      null,
      null,
    ]);
    assert.ok(before <= result.started_at && result.started_at <= result.finished_at);
    assert.ok(result.finished_at <= Date.now());
    const types = node.sendFrames().map((frame) => frame.type);
    assert.ok(types.indexOf("io.cis.task.log") < types.indexOf("io.cis.task.result"));
    assert.deepEqual(node.lines(dispatch).map((line) => line.line), [1, 2]);
  });

  for (const code of [1, 3, 127, 255]) {
    await t.step(`exit ${code} fails it`, async () => {
      const result = await node.run(shell(`exit ${code}`));
      assert.deepEqual([result.status, result.exit_code, result.outputs, result.error], [
        "failed",
        code,
        null,
        { code: "exit_code", message: `exited with code ${code}` },
      ]);
    });
  }

  await t.step("a command that isn't there fails it, with what the shell says", async () => {
    const dispatch = shell("no-such-program-anywhere");
    const result = await node.run(dispatch);
    assert.deepEqual([result.status, result.exit_code], ["failed", 127]);
    assert.match(node.lines(dispatch)[0]?.text ?? "", /no-such-program-anywhere.*not found/);
  });

  for (const [signal, code] of [["KILL", 137], ["TERM", 143], ["SEGV", 139]] as const) {
    await t.step(`SIG${signal} fails it and is named`, async () => {
      const result = await node.run(shell(`kill -${signal} $$`));
      assert.deepEqual([result.status, result.exit_code, result.error], ["failed", code, {
        code: "signal",
        message: `was ended by SIG${signal}`,
      }]);
    });
  }

  await t.step("stdin is empty, so that nothing waits for a person", async () => {
    assert.deepEqual(await outputOf(node, "cat; echo end"), ["end"]);
  });

  await t.step("a command with NUL can't be started, and that is said", async () => {
    const result = await node.run(shell("echo a\0b"));
    assert.deepEqual([result.status, result.error?.code], ["failed", "spawn_failed"]);
    assert.match(result.error?.message ?? "", /\/bin\/sh could not be started/);
  });
});

Deno.test("a shell task works in the workspace or a directory of it", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const inDirectory = (cwd: string): ReturnType<typeof shell> => ({
    ...shell("pwd"),
    work: { type: "shell", command: "pwd", cwd },
  });

  await t.step("in the workspace itself", async () => {
    assert.deepEqual(await outputOf(node, "pwd -P"), [Deno.realPathSync(worker.workspace)]);
  });
  await t.step("in a directory of it", async () => {
    worker.write("a b/ü/file", "");
    const dispatch = inDirectory("a b/ü");
    assert.equal((await node.run(dispatch)).status, "completed");
    assert.match(node.lines(dispatch)[0]?.text ?? "", /workspace\/a b\/ü$/);
  });
  await t.step("a missing directory is named", async () => {
    const { status, error } = await node.run(inDirectory("nowhere"));
    assert.deepEqual([status, error?.code], ["failed", "bad_cwd"]);
    assert.match(error?.message ?? "", /workspace\/nowhere does not exist/);
  });
  await t.step("a file is no directory", async () => {
    worker.write("plain", "");
    const { status, error } = await node.run(inDirectory("plain"));
    assert.deepEqual([status, error?.code], ["failed", "bad_cwd"]);
    assert.match(error?.message ?? "", /workspace\/plain is not a directory/);
  });
  for (const cwd of ["..", "a/../../b", "/etc"]) {
    await t.step(`${cwd} is refused`, async () => {
      const { status, error } = await node.run(inDirectory(cwd));
      assert.deepEqual([status, error], ["failed", {
        code: "bad_cwd",
        message: `the directory "${cwd}" is not in the workspace; use a path in it`,
      }]);
    });
  }
});

Deno.test("a shell task gets an environment of its own", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node, {
    bootstrap: { base_env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", HOME: "/nowhere" } },
  });
  await node.isReady();

  await t.step("who it is", async () => {
    const lines = await outputOf(
      node,
      'echo "$CIS_RUN_ID $CIS_DAG_ID $CIS_TASK_ID $CIS_ATTEMPT"',
      { run_id: "dag-run-1", dag_id: "my-dag", task_id: "build", attempt: 4 },
    );
    assert.deepEqual(lines, ["dag-run-1 my-dag build 4"]);
  });
  await t.step("its own variables win over what is granted", async () => {
    const env = { LANG: "C", HELLO: "a 'b' \"c\" $d `e`\nf" };
    const lines = await outputOf(node, 'echo "$HOME $LANG $HELLO"', { env });
    assert.deepEqual(lines, ["/nowhere C a 'b' \"c\" $d `e`", "f"]);
  });
  await t.step("but not over who it is", async () => {
    const lines = await outputOf(node, "echo $CIS_TASK_ID", { env: { CIS_TASK_ID: "another" } });
    assert.deepEqual(lines, ["task"]);
  });
  await t.step("and nothing else", async () => {
    const lines = await outputOf(node, "env | sed 's/=.*//' | sort");
    const ofShell = ["PWD", "OLDPWD", "SHLVL", "_"];
    assert.deepEqual(lines.filter((name) => !ofShell.includes(name)), [
      ...["CIS_ATTEMPT", "CIS_DAG_ID", "CIS_INPUTS", "CIS_OUTPUT", "CIS_RUN_ID", "CIS_TASK_ID"],
      ...["CIS_TMPDIR", "HOME", "LANG", "PATH", "TMPDIR"],
    ]);
  });
  await t.step("a temporary directory of its own that is gone afterwards", async () => {
    const command =
      '[ "$TMPDIR" = "$CIS_TMPDIR" ]; stat -c %a "$TMPDIR"; ls -A "$TMPDIR" | wc -l; ' +
      'mkdir "$TMPDIR/d"; echo "$TMPDIR"';
    const [mode, files, directory] = await outputOf(node, command);
    assert.deepEqual([mode, files], ["700", "0"]);
    assert.throws(() => Deno.statSync(directory ?? ""), Deno.errors.NotFound);
    const [, , next] = await outputOf(node, command);
    assert.notEqual(next, directory);
  });
});
