/** What shell tasks hand on and get handed: $CIS_OUTPUT, $CIS_INPUTS and CIS_INPUT_… variables. */
import assert from "node:assert/strict";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, shell, type TaskOptions } from "../../helpers/fake_node.ts";

type Inputs = NonNullable<TaskOptions["inputs"]>;

Deno.test("outputs of a shell task", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  const written = (text: string): Promise<unknown> =>
    node.run(shell('printf %s "$TEXT" > "$CIS_OUTPUT"', { env: { TEXT: text } }))
      .then(({ status, outputs, error }) => ({ status, outputs, error }));
  const completed = (outputs: unknown): unknown => ({ status: "completed", outputs, error: null });
  const failed = (code: string, message: string): unknown => ({
    status: "failed",
    outputs: null,
    error: { code, message },
  });

  const good: [name: string, text: string, outputs: unknown][] = [
    ["a JSON object", '\n {"n": 1, "deep": {"list": [true, null]}, "ü": "€😀"}\n', {
      n: 1,
      deep: { list: [true, null] },
      "ü": "€😀",
    }],
    ["an empty object", "{}", {}],
    ["key=value lines", "a=1\n\n# a remark\n  b.c-d=x = y \r\n_e=\na=2\n", {
      a: "2",
      "b.c-d": "x = y ",
      _e: "",
    }],
    ["nothing but blanks", " \n\t\n", null],
    [
      "__proto__ is a key like any other",
      '{"__proto__": {"x": 1}}',
      JSON.parse(
        '{"__proto__": {"x": 1}}',
      ),
    ],
  ];
  for (const [name, text, outputs] of good) {
    await t.step(name, async () => assert.deepEqual(await written(text), completed(outputs)));
  }

  await t.step("no file", async () => {
    const { status, outputs } = await node.run(shell("true"));
    assert.deepEqual([status, outputs], ["completed", null]);
  });
  await t.step("a task that fails hands nothing on", async () => {
    const { status, outputs } = await node.run(shell("echo a=1 > $CIS_OUTPUT; exit 1"));
    assert.deepEqual([status, outputs], ["failed", null]);
  });

  await t.step("a line that is not key=value is named", async () => {
    assert.deepEqual(
      await written("a=1\nb=2\nhello world\n"),
      failed("bad_output", 'line 3 of $CIS_OUTPUT is not key=value: "hello world"'),
    );
  });
  await t.step("so is one whose key is none", async () => {
    assert.deepEqual(
      await written("1a=1"),
      failed("bad_output", 'line 1 of $CIS_OUTPUT is not key=value: "1a=1"'),
    );
  });
  await t.step("a list is no object", async () => {
    assert.deepEqual(
      await written("[1]"),
      failed("bad_output", 'line 1 of $CIS_OUTPUT is not key=value: "[1]"'),
    );
  });
  await t.step("JSON that is none tells the line", async () => {
    const { error } = await node.run(
      shell(`printf '{\\n"a": 1,\\n"b": x\\n}' > $CIS_OUTPUT`),
    );
    assert.deepEqual(error, {
      code: "bad_output",
      message: "$CIS_OUTPUT starts like a JSON object but is none, in line 3: " +
        '"x" stands where a value should come',
    });
  });
  await t.step("what is not text", async () => {
    const { error } = await node.run(shell("printf 'a=\\377' > $CIS_OUTPUT"));
    assert.deepEqual(error, { code: "bad_output", message: "$CIS_OUTPUT is not text in UTF-8" });
  });
  for (
    const [name, command] of [
      ["a directory", "mkdir $CIS_OUTPUT"],
      ["a pipe, which nobody would ever write to", "mkfifo $CIS_OUTPUT"],
      ["a link to a file of somebody else", "ln -s /etc/passwd $CIS_OUTPUT"],
    ] as const
  ) {
    await t.step(name, async () => {
      const { status, error } = await node.run(shell(command));
      assert.deepEqual([status, error], ["failed", {
        code: "bad_output",
        message: "$CIS_OUTPUT is not a plain file any more",
      }]);
    });
  }

  await t.step("as large as may be", async () => {
    const { status, outputs } = await node.run(
      shell(`{ printf a=; head -c ${32 * 1024 - 8} /dev/zero | tr '\\0' x; } > $CIS_OUTPUT`),
    );
    assert.deepEqual([status, (outputs as { a: string }).a.length], ["completed", 32 * 1024 - 8]);
  });
  await t.step("too large as a file, however much it is", async () => {
    const { error } = await node.run(shell("truncate -s 8G $CIS_OUTPUT"));
    assert.equal(error?.code, "output_too_large");
    assert.match(error?.message ?? "", /take 8589934592 bytes of at most 32768; leave large data/);
  });
  await t.step("too large as JSON only", async () => {
    const { error } = await node.run(
      shell(`{ printf a=; head -c 20000 /dev/zero | tr '\\0' '"'; } > $CIS_OUTPUT`),
    );
    assert.equal(error?.code, "output_too_large");
    assert.match(error?.message ?? "", /take 40008 bytes/);
  });
});

Deno.test("inputs of a shell task", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  const run = async (command: string, inputs: Inputs): Promise<string[]> => {
    const dispatch = shell(command, { inputs });
    assert.equal((await node.run(dispatch)).status, "completed");
    return node.lines(dispatch).map((line) => line.text);
  };

  await t.step("the file has them all as JSON", async () => {
    const inputs = { fetch: { list: [1, 2], text: "ü\n$(id)" }, "a.b": null };
    assert.deepEqual(JSON.parse((await run("cat $CIS_INPUTS", inputs)).join("\n")), inputs);
  });
  await t.step("the file is there without inputs, too", async () => {
    assert.deepEqual(await run("cat $CIS_INPUTS", {}), ["{}"]);
  });
  await t.step("nobody else may read it, and it is gone afterwards", async () => {
    const [mode, path] = await run("stat -c %a $CIS_INPUTS; echo $CIS_INPUTS", { a: { x: 1 } });
    assert.equal(mode, "600");
    assert.throws(() => Deno.statSync(path ?? ""), Deno.errors.NotFound);
  });
  await t.step("each key is a variable", async () => {
    const inputs = {
      "fetch-all.v2": { count: 12, ok: true, none: null, "a key": "x", list: [1, { a: 2 }] },
      plain: "text",
    };
    assert.deepEqual(await run("env | grep ^CIS_INPUT_ | sort", inputs), [
      "CIS_INPUT_FETCH_ALL_V2_A_KEY=x",
      "CIS_INPUT_FETCH_ALL_V2_COUNT=12",
      'CIS_INPUT_FETCH_ALL_V2_LIST=[1,{"a":2}]',
      "CIS_INPUT_FETCH_ALL_V2_NONE=null",
      "CIS_INPUT_FETCH_ALL_V2_OK=true",
      "CIS_INPUT_PLAIN=text",
    ]);
  });
  await t.step("text that looks like a command stays text", async () => {
    const text = '"; echo broken; $(echo broken) `echo broken` \n|| echo broken #';
    assert.deepEqual(await run('printf %s "$CIS_INPUT_A_X"', { a: { x: text } }), text.split("\n"));
  });
  await t.step("what is too long for a variable is in the file, and that is said", async () => {
    const inputs = { a: { long: "x".repeat(70_000), nul: "a\0b", short: "y" } };
    const lines = await run(
      'echo "[$CIS_INPUT_A_LONG][$CIS_INPUT_A_NUL][$CIS_INPUT_A_SHORT]"; wc -c < $CIS_INPUTS',
      inputs,
    );
    assert.deepEqual(lines, [
      "CIS_INPUT_A_LONG (70000 bytes) can't be a variable; read it from the file $CIS_INPUTS",
      "CIS_INPUT_A_NUL (3 bytes) can't be a variable; read it from the file $CIS_INPUTS",
      "[][][y]",
      String(JSON.stringify(inputs).length),
    ]);
  });
  await t.step("very many inputs don't keep the command from starting", async () => {
    const inputs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`t${index}`, { x: "x".repeat(30_000) }]),
    );
    const lines = await run("env | grep -c ^CIS_INPUT_T", inputs);
    assert.equal(lines.at(-1), String(Math.floor(512 * 1024 / 30_000)));
  });
});
