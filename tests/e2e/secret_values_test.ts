/**
 * Secrets on a real node with a real worker: they reach the tasks that declare them, and nothing else
 * that anybody can look at.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { RunView, TaskView } from "../../lib/schema/api.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  waitForEvent,
  withNodeProcess,
} from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

// Made of characters that JSON, URLs and shells write otherwise.
const VALUE = `s3cr3t-${crypto.randomUUID()}/"ü'+ x`;
const BASE64 = Buffer.from(VALUE).toString("base64");
const SCOPE = { type: "project", project_id: "abc" };

let dags = 0;

/** Runs tasks to their end. */
async function run(client: Client, tasks: object[]): Promise<RunView> {
  const doc = { dag_id: `secrets-${++dags}`, scope: SCOPE, tasks };
  const { run_id } = await publishAndConfirm(client, doc);
  return await waitForEnd(client, run_id);
}

function shell(id: string, command: string, more: object = {}): object {
  return { id, type: "shell", command, secrets: ["TOKEN"], ...more };
}

function taskOf({ tasks }: RunView, id: string): TaskView {
  const task = tasks.find((one) => one.task_id === id);
  assert.ok(task !== undefined, `no task ${id}`);
  return task;
}

async function textOf(client: Client, { run_id }: RunView, taskId?: string): Promise<string> {
  const page = dataOf(await client.runLogs(run_id, taskId === undefined ? {} : { taskId }));
  return page.lines.map(({ text }) => text).join("\n");
}

async function set(client: Client, value: string, name = "TOKEN"): Promise<void> {
  dataOf(await client.secrets.set(name, { value, scope: "project:abc" }));
}

/** Whether a text shows the secret: whole, a good part of it, or its base64. */
function shows(text: string): boolean {
  return [VALUE, VALUE.slice(0, 20), VALUE.slice(7, 30), BASE64.slice(0, 20), BASE64.slice(10, 30)]
    .some((part) => text.includes(part));
}

/** Files under a directory in which one of these texts is, byte for byte. */
function filesWith(directory: string, texts: readonly string[]): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory, isFile }) => {
    const path = join(directory, name);
    if (isDirectory) return filesWith(path, texts);
    if (!isFile) return [];
    const bytes = Buffer.from(Deno.readFileSync(path));
    return texts.some((text) => bytes.includes(Buffer.from(text))) ? [path] : [];
  });
}

const CHAR_BY_CHAR = `const s = Deno.env.get("TOKEN") ?? "";
export default async () => {
  const bytes = new TextEncoder().encode("<" + s + ">\\n");
  for (const byte of bytes) {
    Deno.stdout.writeSync(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { whole: s, list: [1, "x " + s], [s]: true };
};`;

Deno.test("a secret reaches the tasks that declare it, and no other task's environment", async () => {
  await withNodeProcess(async ({ client }) => {
    await set(client, VALUE);
    const digest = `printf %s "$TOKEN" | sha256sum | cut -c1-64 | sed s/^/digest=/ > $CIS_OUTPUT`;
    const done = await run(client, [
      shell("has", digest),
      { id: "has-not", type: "shell", command: 'echo "there=${TOKEN+yes}" > $CIS_OUTPUT; env' },
      {
        id: "deno-has-not",
        type: "deno",
        script: 'export default () => { try { return String(Deno.env.get("TOKEN")); } catch (e) ' +
          "{ return e.name; } };",
      },
      {
        id: "deno-has",
        type: "deno",
        secrets: ["TOKEN"],
        script: 'export default () => Deno.env.get("TOKEN")?.length;',
      },
    ]);
    assert.equal(done.status, "completed", JSON.stringify(done, null, 1));
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(VALUE));
    assert.deepEqual(taskOf(done, "has").outputs, { digest: Buffer.from(bytes).toString("hex") });
    assert.deepEqual(taskOf(done, "has-not").outputs, { there: "" });
    assert.equal(taskOf(done, "deno-has-not").outputs, "NotCapable");
    assert.equal(taskOf(done, "deno-has").outputs, VALUE.length);
  });
});

Deno.test("whatever way a task prints a secret, it is masked wherever that can be read", async () => {
  await withNodeProcess(async ({ client, url, token }) => {
    await set(client, VALUE);
    const done = await run(client, [
      shell("whole", 'echo "<$TOKEN>"; echo "<$TOKEN>" >&2'),
      shell(
        "halves",
        'printf "<%.12s" "$TOKEN"; sleep 0.1; printf "%s>\\n" "${TOKEN#????????????}"',
      ),
      shell("base64", 'printf %s "$TOKEN" | base64 -w0; echo; printf "user:%s" "$TOKEN" | base64'),
      shell("unended", 'printf "%s" "$TOKEN"'),
      shell("outputs", 'echo "k=<$TOKEN>" > $CIS_OUTPUT'),
      { id: "chars", type: "deno", secrets: ["TOKEN"], script: CHAR_BY_CHAR },
      {
        id: "inputs",
        type: "shell",
        depends_on: ["outputs"],
        command: 'echo "got $CIS_INPUT_OUTPUTS_K"',
      },
    ]);
    assert.equal(done.status, "completed", JSON.stringify(done, null, 1));
    assert.equal(await textOf(client, done, "whole"), "<***>\n<***>");
    assert.equal(await textOf(client, done, "halves"), "<***>");
    assert.equal(await textOf(client, done, "unended"), "***");
    assert.equal(await textOf(client, done, "chars"), "<***>");
    assert.match(await textOf(client, done, "base64"), /^.{0,2}\*\*\*.{0,4}\n.{0,8}\*\*\*.{0,4}/);
    assert.equal(await textOf(client, done, "inputs"), "got <***>");
    assert.deepEqual(taskOf(done, "outputs").outputs, { k: "<***>" });
    assert.deepEqual(taskOf(done, "chars").outputs, {
      whole: "***",
      list: [1, "x ***"],
      "***": true,
    });
    const stream = await fetch(`${url}/api/v1/runs/${done.run_id}/logs?after=0`, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    });
    const live = await stream.text();
    assert.match(live, /<\*\*\*>/);
    const all = live + JSON.stringify(done) + await textOf(client, done);
    assert.ok(!shows(all), all);
  });
});

Deno.test("errors don't tell a secret either, not even a part of it", async () => {
  await withNodeProcess(async ({ client }) => {
    await set(client, VALUE);
    const script = (body: string): object => ({ type: "deno", secrets: ["TOKEN"], script: body });
    const done = await run(client, [
      {
        id: "thrown",
        ...script('export default () => { throw new Error(Deno.env.get("TOKEN")); };'),
      },
      // 1,990 characters before it: the message is cut in the middle of the secret.
      {
        id: "long",
        ...script(
          'export default () => { throw new Error("x".repeat(1990) + Deno.env.get("TOKEN")); };',
        ),
      },
      shell("line", `printf '%60s %s\\n' . "$TOKEN" > $CIS_OUTPUT`),
      shell("json", `printf '{"a": %s' "$TOKEN" > $CIS_OUTPUT`),
      shell("cwd", "true", { cwd: "none" }),
    ]);
    assert.equal(done.status, "failed");
    for (
      const [id, said] of [
        ["thrown", /^\*\*\*$/],
        ["long", /^x{1990}\*\*\*$/],
        ["line", /^line 1 of \$CIS_OUTPUT is not key=value: " {59}\. \*\*\*"$/],
        ["json", /starts like a JSON object but is none, in line 1/],
      ] as const
    ) {
      const { status, error } = taskOf(done, id);
      assert.equal(status, "failed", id);
      assert.match(error ?? "", said, id);
    }
    const all = JSON.stringify(done) + await textOf(client, done);
    assert.ok(!all.includes(VALUE.slice(0, 10)), all);
    assert.ok(!all.includes(VALUE.slice(-12, -4)), all);
  });
});

Deno.test("no file of the node and no process list has a secret in plain", async () => {
  await withTempDir(async (dataDir) => {
    const node = await startNode(dataDir);
    try {
      await set(node.client, VALUE);
      const doc = {
        dag_id: "files",
        scope: SCOPE,
        tasks: [
          shell(
            "task",
            'echo "$TOKEN"; echo "k=$TOKEN" > $CIS_OUTPUT; echo; while [ ! -e go ]; do sleep 0.05; done',
          ),
          { id: "after", type: "shell", command: "cat $CIS_INPUTS; exit 1", depends_on: ["task"] },
        ],
      };
      const { run_id } = await publishAndConfirm(node.client, doc);
      await waitForEvent(node.client, run_id, ({ type }) => type === "task.running");
      const { pid } = dataOf(await node.client.worker("worker-project-abc"));
      for (const file of ["cmdline", "environ"]) {
        const text = Deno.readTextFileSync(`/proc/${pid}/${file}`);
        assert.ok(text.length > 0 && !shows(text), file);
      }
      await Deno.writeTextFile(join(dataDir, "workspaces", "project-abc", "go"), "");
      const done = await waitForEnd(node.client, run_id);
      assert.equal(taskOf(done, "task").status, "completed");
      assert.equal(taskOf(done, "after").status, "failed");
      // While it runs, with the newest changes in the log of the database; what the search finds at
      // all is shown by a text that is there.
      assert.deepEqual(filesWith(dataDir, [VALUE, BASE64]), []);
      assert.notDeepEqual(filesWith(dataDir, ["secrets"]), []);
    } finally {
      await node.stop();
    }
    assert.deepEqual(filesWith(dataDir, [VALUE, BASE64]), []);
    assert.ok(!node.output().includes(VALUE));
  });
});

Deno.test("a new value is in the next attempt, and the old one stays masked", async () => {
  await withNodeProcess(async (node: NodeProcess) => {
    const { client } = node;
    await set(client, VALUE);
    await run(client, [shell("keep", 'printf %s "$TOKEN" > old')]);
    const { pid } = dataOf(await client.worker("worker-project-abc"));
    const fresh = `fresh-${crypto.randomUUID()}`;
    await set(client, fresh);
    const done = await run(client, [
      shell("new", 'echo "tail=${TOKEN#fresh-????}" > $CIS_OUTPUT; echo "$TOKEN"; cat old'),
    ]);
    assert.deepEqual(taskOf(done, "new").outputs, { tail: fresh.slice("fresh-????".length) });
    assert.equal(await textOf(client, done), "***\n***");
    assert.equal(dataOf(await client.worker("worker-project-abc")).pid, pid);
  });
});

Deno.test("a task whose secret isn't there fails without running, and runs once it is set", async () => {
  await withNodeProcess(async ({ client }) => {
    const failed = await run(client, [shell("task", "touch ran")]);
    const { error, attempts } = taskOf(failed, "task");
    assert.equal(attempts[0]?.error_code, "unknown_secret");
    assert.match(error ?? "", /"TOKEN".*deno task secret set TOKEN/);
    await set(client, VALUE);
    const again = await run(client, [shell("task", "! test -e ran")]);
    assert.equal(again.status, "completed", again.error ?? "");
    dataOf(await client.secrets.remove("TOKEN", { scope: "project:abc" }));
    const removed = await run(client, [shell("task", "true")]);
    assert.equal(taskOf(removed, "task").attempts[0]?.error_code, "unknown_secret");
  });
});

Deno.test("a worker that outlived its node has the secrets that changed meanwhile", async () => {
  await withTempDir(async (dataDir) => {
    const before = await startNode(dataDir);
    await set(before.client, VALUE);
    const doc = {
      dag_id: "outlives",
      scope: SCOPE,
      tasks: [
        shell("long", "while [ ! -e go ]; do sleep 0.05; done"),
        shell("next", 'echo "len=${#TOKEN}" > $CIS_OUTPUT', { depends_on: ["long"] }),
      ],
    };
    const { run_id } = await publishAndConfirm(before.client, doc);
    await waitForEvent(before.client, run_id, ({ type }) => type === "task.running");
    const { pid } = dataOf(await before.client.worker("worker-project-abc"));
    await before.killHard();
    // At another address the worker would be replaced: it is kept from the node's own.
    const after = await startNode(dataDir, { port: Number(new URL(before.url).port) });
    try {
      await set(after.client, "twelve chars");
      await Deno.writeTextFile(join(dataDir, "workspaces", "project-abc", "go"), "");
      const done = await waitForEnd(after.client, run_id);
      assert.deepEqual(taskOf(done, "next").outputs, { len: "12" });
      assert.equal(dataOf(await after.client.worker("worker-project-abc")).pid, pid);
    } finally {
      await after.stop();
    }
  });
});
