/** Deno tasks in real processes: what they are called with, what becomes of what they return. */
import assert from "node:assert/strict";
import type { TaskDispatch } from "../../../lib/schema/room_events.ts";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, task, type TaskOptions } from "../../helpers/fake_node.ts";

/** A deno task with a script. */
function script(text: string, options?: TaskOptions): TaskDispatch {
  return task({ type: "deno", script: text }, options);
}

/** A deno task with a module of the workspace. */
function module(path: string, options?: TaskOptions): TaskDispatch {
  return task({ type: "deno", module: path }, options);
}

Deno.test("what a deno task is called with", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();

  await t.step(
    "a script in TypeScript gets args and inputs, and its value is the output",
    async () => {
      const dispatch = {
        ...script("", { inputs: { fetch: { n: 20, list: ["ü"] } } }),
        work: {
          type: "deno" as const,
          args: { add: [1, 2] },
          script: `interface Context { args: { add: number[] }; inputs: { fetch: { n: number } } }
          export default ({ args, inputs }: Context) =>
            ({ sum: args.add.reduce((a, b) => a + b, inputs.fetch.n), inputs, text: "😀" });`,
        },
      };
      const { status, exit_code, outputs, error } = await node.run(dispatch);
      assert.deepEqual([status, exit_code, error], ["completed", 0, null]);
      assert.deepEqual(outputs, {
        sum: 23,
        inputs: { fetch: { n: 20, list: ["ü"] } },
        text: "😀",
      });
    },
  );

  await t.step("a module of the workspace may import its neighbours", async () => {
    worker.write("lib/a b/ü#?.ts", 'import { n } from "./n.ts"; export default () => ({ n });');
    worker.write("lib/a b/n.ts", "export const n: number = 42;");
    const dispatch = module("lib/a b/ü#?.ts", { permissions: worker.permissions });
    const { status, outputs } = await node.run(dispatch);
    assert.deepEqual([status, outputs], ["completed", { n: 42 }]);
  });

  await t.step("a changed module is read anew", async () => {
    worker.write("m.ts", "export default () => 1;");
    assert.equal((await node.run(module("m.ts"))).outputs, 1);
    worker.write("m.ts", "export default () => 2;");
    assert.equal((await node.run(module("m.ts"))).outputs, 2);
  });

  await t.step("Deno itself asks nobody for its newest version", async () => {
    const dispatch = script('export default () => Deno.env.get("DENO_NO_UPDATE_CHECK");');
    assert.equal((await node.run(dispatch)).outputs, "1");
  });

  await t.step("without args it gets null, without inputs an empty object", async () => {
    const dispatch = script("export default ({ args, inputs }) => [args, inputs];");
    assert.deepEqual((await node.run(dispatch)).outputs, [null, {}]);
  });

  await t.step("log and console write lines, told apart", async () => {
    const dispatch = script(`export default async ({ log }) => {
      log("one\\ntwo"); console.log("three", { a: 1 }); console.error("four");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }`);
    assert.equal((await node.run(dispatch)).status, "completed");
    const texts = (stream: string): string[] =>
      node.lines(dispatch).filter((line) => line.stream === stream).map((line) => line.text);
    assert.deepEqual(texts("stdout"), ["one", "two", "three { a: 1 }"]);
    assert.deepEqual(texts("stderr"), ["four"]);
  });

  await t.step("a log of many megabytes is whole", async () => {
    const dispatch = script(`export default ({ log }) => {
      for (let i = 0; i < 3000; i++) log(String(i).padEnd(1000, "."));
    }`);
    assert.equal((await node.run(dispatch)).status, "completed");
    assert.equal(node.lines(dispatch).length, 3000);
  });

  await t.step("its variables and files are there", async () => {
    const dispatch = script(
      `export default () => {
        const names = ["MODE", "CIS_TASK_ID", "CIS_ATTEMPT", "CIS_INPUT_A_X"];
        Deno.writeTextFileSync(Deno.env.get("CIS_TMPDIR") + "/mine", "text");
        Deno.writeTextFileSync("in the workspace", "text");
        return {
          values: names.map((name) => Deno.env.get(name)),
          inputs: Deno.readTextFileSync(Deno.env.get("CIS_INPUTS")),
          mine: Deno.readTextFileSync(Deno.env.get("TMPDIR") + "/mine"),
        };
      }`,
      {
        env: { MODE: "fast" },
        inputs: { a: { x: 1 } },
        permissions: worker.permissions,
      },
    );
    const { outputs, error } = await node.run(dispatch);
    assert.equal(error, null);
    assert.deepEqual(outputs, {
      values: ["fast", "task", "1", "1"],
      inputs: '{"a":{"x":1}}',
      mine: "text",
    });
    assert.equal(worker.read("in the workspace"), "text");
  });

  await t.step("a variable of the DAG can be read even where the node has one, too", async () => {
    const dispatch = script('export default () => Deno.env.get("LANG");', {
      env: { LANG: "C" },
      permissions: worker.permissions,
    });
    const { outputs, error } = await node.run(dispatch);
    assert.deepEqual([outputs, error], ["C", null]);
  });

  await t.step("the signal is aborted when it is cancelled, and it may clean up", async () => {
    const dispatch = script(
      `export default async ({ signal, log }) => {
      log("begun");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      Deno.writeTextFileSync("cleaned", String(signal.reason));
    }`,
      { permissions: worker.permissions },
    );
    node.dispatch(dispatch);
    await node.until("its begin", () => node.lines(dispatch).length > 0);
    node.cancel(dispatch);
    const { status, error } = await node.result(dispatch);
    assert.deepEqual([status, error?.message], ["cancelled", "somebody said so"]);
    assert.equal(worker.read("cleaned"), "AbortError: the task is to stop");
  });

  await t.step("a working directory", async () => {
    worker.write("sub/file", "content");
    const dispatch = task({
      type: "deno",
      script: 'export default () => Deno.readTextFileSync("file");',
      cwd: "sub",
    }, { permissions: worker.permissions });
    assert.equal((await node.run(dispatch)).outputs, "content");
  });
});

Deno.test("what a deno task returns or throws", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();

  const values: [expression: string, outputs: unknown][] = [
    ["undefined", null],
    ["null", null],
    ["0", 0],
    ['"text"', "text"],
    ["[1, [2]]", [1, [2]]],
    ["Promise.resolve({ late: true })", { late: true }],
    ["new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["({ a: undefined, b: 1 })", { b: 1 }],
  ];
  for (const [expression, outputs] of values) {
    await t.step(expression, async () => {
      const result = await node.run(script(`export default () => ${expression};`));
      assert.deepEqual([result.status, result.outputs], ["completed", outputs]);
    });
  }

  const bad: [expression: string, message: RegExp][] = [
    ["10n", /JSON can't hold: a bigint$/],
    ["({ deep: { when: 1n } })", /JSON can't hold: a bigint in "when"$/],
    ["new Map([[1, 2]])", /a Map$/],
    ["({ set: new Set() })", /a Set in "set"$/],
    ["({ f() {} })", /a function in "f"$/],
    ['Symbol("x")', /a symbol$/],
    ["({ ratio: 1 / 0 })", /a number in "ratio"$/],
    ["(() => { const a = {}; a.a = a; return a; })()", /circular/],
  ];
  for (const [expression, message] of bad) {
    await t.step(`${expression} can't be kept`, async () => {
      const { status, exit_code, error } = await node.run(
        script(`export default () => ${expression};`),
      );
      assert.deepEqual([status, exit_code, error?.code], ["failed", 1, "bad_output"]);
      assert.match(error?.message ?? "", message);
    });
  }

  await t.step("too much", async () => {
    const { error } = await node.run(script('export default () => "x".repeat(32 * 1024 - 1);'));
    assert.equal(error?.code, "output_too_large");
    assert.match(error?.message ?? "", /take 32769 bytes of at most 32768/);
  });
  await t.step("as much as may be", async () => {
    const { status } = await node.run(script('export default () => "x".repeat(32 * 1024 - 2);'));
    assert.equal(status, "completed");
  });
  await t.step("very much too much", async () => {
    const { error } = await node.run(script('export default () => "x".repeat(20e6);'));
    assert.equal(error?.code, "output_too_large");
  });

  const thrown: [name: string, body: string, message: string | RegExp][] = [
    ["an error", 'throw new Error("no such customer");', "no such customer"],
    ["one of a kind", 'throw new RangeError("12 is too many");', "RangeError: 12 is too many"],
    ["one that comes later", 'return Promise.reject(new Error("late"));', "late"],
    ["what is no error", 'throw "just text";', "just text"],
    ["nothing", "throw undefined;", "undefined"],
    [
      "from a timer",
      'setTimeout(() => { throw new Error("timer"); }, 1); return new Promise(() => setTimeout(() => {}, 9e6));',
      "timer",
    ],
    [
      "a rejection that nobody handles",
      'Promise.reject(new Error("lost")); return new Promise(() => setTimeout(() => {}, 9e6));',
      "lost",
    ],
    ["a very long message", 'throw new Error("x".repeat(100_000));', /^x{1000,2000}/],
  ];
  for (const [name, body, message] of thrown) {
    await t.step(`throws ${name}`, async () => {
      const { status, exit_code, outputs, error } = await node.run(
        script(`export default () => { ${body} };`),
      );
      assert.deepEqual([status, exit_code, outputs, error?.code], [
        "failed",
        1,
        null,
        "exception",
      ]);
      if (typeof message === "string") assert.equal(error?.message, message);
      else assert.match(error?.message ?? "", message);
    });
  }

  await t.step("the stack is in the log", async () => {
    const dispatch = script(
      'function deep() { throw new Error("here"); } export default () => deep();',
    );
    await node.run(dispatch);
    const text = node.lines(dispatch).map((line) => `${line.stream} ${line.text}`).join("\n");
    assert.match(text, /^stderr Error: here\nstderr +at deep/);
  });
});

Deno.test("a module that can't be used", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const failure = async (dispatch: TaskDispatch): Promise<string> => {
    const { status, error } = await node.run(dispatch);
    assert.deepEqual([status, error?.code], ["failed", "bad_module"]);
    return error?.message ?? "";
  };

  await t.step("is missing", async () => {
    assert.match(await failure(module("nowhere.ts")), /Module not found "file:.*nowhere\.ts"/);
  });
  await t.step("has no default export", async () => {
    assert.match(
      await failure(script("export const run = () => 1;")),
      /no default export; export a function as default/,
    );
  });
  await t.step("exports something else", async () => {
    assert.match(await failure(script("export default 42;")), /default export is a number/);
  });
  await t.step("is not TypeScript", async () => {
    assert.match(await failure(script("export default ( => 1;")), /parse|expected|Expression/i);
  });
  await t.step("throws while it is loaded", async () => {
    assert.match(await failure(script('throw new Error("at load");')), /at load/);
  });
  for (const path of ["../evil.ts", "a/../../evil.ts", "/etc/evil.ts"]) {
    await t.step(`${path} is outside`, async () => {
      Deno.writeTextFileSync(`${worker.directory}/evil.ts`, "export default () => 1;");
      assert.equal(
        await failure(module(path)),
        `the module "${path}" is not in the workspace; move it there`,
      );
    });
  }
  await t.step("a comma in its path, at which Deno would split a permission", async () => {
    worker.write("a,b.ts", "export default () => 1;");
    assert.match(await failure(module("a,b.ts")), /"a,b\.ts" has a comma; rename it/);
  });
  await t.step("a script that is no Unicode text", async () => {
    assert.match(await failure(script('export default () => "\ud800";')), /not valid Unicode/);
  });
});
