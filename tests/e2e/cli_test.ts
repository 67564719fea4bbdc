/** The commands of docs/cli.md as processes, against a node that is a process too. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { cli, type Ended, freePort, spawnCli } from "../helpers/cli_process.ts";
import { type NodeProcess, withDeadline, withNodeProcess } from "../helpers/node_process.ts";

const HELLO = {
  dag_id: "hello",
  tasks: [{ id: "greet", command: "echo greeting=Hello >> $CIS_OUTPUT" }],
};
const FAILS = { dag_id: "fails", tasks: [{ id: "stumble", command: "echo oops >&2; exit 3" }] };
const WAITS = { dag_id: "waits", tasks: [{ id: "wait", command: "sleep 60" }] };
const NO_RUN = "dag-run-00000000-0000-4000-8000-000000000000";
const DEADLINE_MS = 30_000;

/** Runs `use` with a node, and with commands on its machine: nothing tells them where it is. */
async function withCommands(
  use: (run: (...argv: string[]) => Promise<Ended>, node: NodeProcess) => Promise<void>,
): Promise<void> {
  await withNodeProcess(async (node) => {
    // Where they look once it has stopped: the usual port may be another node's.
    const env = { CIS_DATA_DIR: node.dataDir, CIS_PORT: String(freePort()) };
    await use((...argv) => cli(argv, { env }), node);
  });
}

async function specFile(node: NodeProcess, spec: { dag_id: string }): Promise<string> {
  const path = join(node.dataDir, `${spec.dag_id}.json`);
  await Deno.writeTextFile(path, JSON.stringify(spec));
  return path;
}

/** The one document that a command wrote with `--json`. */
function documentOf({ code, out, err }: Ended): Record<string, unknown> {
  assert.equal(code, 0, err + out);
  assert.equal(err, "");
  return JSON.parse(out);
}

/** The documents of a command that goes on, one a line. */
function linesOf({ out, err }: Ended): Record<string, unknown>[] {
  assert.equal(err, "");
  return out.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("on the node's machine every command works by itself, and speaks JSON", async () => {
  await withCommands(async (run, node) => {
    const file = await specFile(node, HELLO);
    const json = async (...argv: string[]): Promise<Record<string, unknown>> =>
      documentOf(await run(...argv, "--json"));

    assert.equal((await json("dag", "validate", file)).dag_id, "hello");
    const { spec_hash } = await json("dag", "publish", file);
    assert.equal((await json("dag", "pending")).count, 1);
    const reason = "not today";
    assert.equal((await json("dag", "reject", "hello", "--reason", reason)).reason, reason);
    await json("dag", "publish", file);
    const confirmed = await run("dag", "confirm", "hello", String(spec_hash), "--watch", "--json");
    assert.equal(confirmed.code, 0, confirmed.err);
    const run_id = String(linesOf(confirmed).at(-1)?.run_id);
    assert.equal((await json("dag", "list")).count, 1);
    assert.equal((await json("dag", "show", "hello")).dag_id, "hello");
    assert.equal((await json("dag", "versions", "hello")).count, 2);
    const { from, to } = await json("dag", "diff", "hello", "1", "2");
    assert.deepEqual([from, to], [1, 2]);
    assert.equal((await json("dag", "status", "hello")).status, "completed");
    assert.equal((await json("dag", "analyze", "hello")).dag_id, "hello");

    const again = await json("dag", "run", "hello");
    const watched = await run("run", "watch", String(again.run_id), "--json");
    assert.deepEqual([watched.code, linesOf(watched).at(-1)?.status], [0, "completed"]);
    assert.equal((await json("run", "list")).count, 2);
    const shown = await json("run", "show", run_id);
    assert.deepEqual((shown.tasks as { outputs: unknown }[])[0]?.outputs, { greeting: "Hello" });
    assert.equal((await json("run", "logs", run_id)).count, 0);
    assert.match(
      String((await json("run", "retry", run_id, "--from-scratch")).run_id),
      /^dag-run-/,
    );

    const { run_id: long } = await startWaiting(node);
    assert.equal((await json("run", "pause", long)).status, "paused");
    assert.equal((await json("run", "resume", long)).status, "running");
    assert.equal((await json("run", "cancel", long)).status, "cancelled");

    assert.equal((await json("worker", "status")).count, 1);
    assert.equal((await json("worker", "status", "worker-global")).worker_id, "worker-global");
    assert.equal(typeof (await json("worker", "logs", "worker-global")).count, "number");
    await json("worker", "restart", "worker-global");
    await json("worker", "stop", "worker-global");

    const made = await json("token", "create", "--name", "ci", "--role", "viewer");
    assert.match(String(made.token), /^did:cis:node1:/);
    assert.equal((await json("token", "list")).count, 2);
    assert.equal((await json("token", "whoami")).name, "owner");
    assert.equal((await json("token", "revoke", String(made.token_id))).token_id, made.token_id);
    const link = String((await json("token", "link")).url);
    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /You are signed in/);
    assert.equal((await fetch(link)).status, 410, "a link works once");
  });
});

async function startWaiting(node: NodeProcess): Promise<{ run_id: string }> {
  const published = await node.client.publish({ doc: WAITS });
  assert.ok(published.ok);
  const confirmed = await node.client.confirm("waits", { spec_hash: published.data.spec_hash });
  assert.ok(confirmed.ok);
  const { run_id } = confirmed.data;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const { type } of node.client.followRunEvents(run_id, { signal })) {
    if (type === "run.running") return { run_id };
  }
  assert.fail("the run did not begin");
}

Deno.test("each exit code says what kind of end it was", async () => {
  await withCommands(async (run, node) => {
    const published = documentOf(
      await run("dag", "publish", await specFile(node, FAILS), "--json"),
    );

    const failed = await run("dag", "confirm", "fails", String(published.spec_hash), "--watch");
    assert.equal(failed.code, 1, failed.err);
    const broken = join(node.dataDir, "broken.yaml");
    await Deno.writeTextFile(broken, "dag_id: x\ntasks: []\n");
    const invalid = await run("dag", "validate", broken);
    assert.equal(invalid.code, 1);
    assert.match(invalid.err, /tasks/);

    for (const argv of [["dag", "show"], ["dag", "publish", "no/such/file"], ["run", "--what"]]) {
      assert.equal((await run(...argv)).code, 2, argv.join(" "));
    }
    for (
      const argv of [["dag", "show", "none"], ["run", "show", NO_RUN], ["worker", "stop", "none"]]
    ) {
      const { code, err } = await run(...argv);
      assert.equal(code, 3, argv.join(" "));
      assert.match(err, /^error: /);
    }
    const stale = await run("dag", "confirm", "fails", "0".repeat(64));
    assert.equal(stale.code, 4, stale.err);

    const made = documentOf(
      await run("token", "create", "--name", "v", "--role", "viewer", "--json"),
    );
    const elsewhere = await Deno.makeTempDir();
    try {
      const env = { CIS_DATA_DIR: elsewhere, CIS_URL: node.url };
      const nobody = await cli(["dag", "list"], { env });
      assert.equal(nobody.code, 5, nobody.err);
      const viewer = { ...env, CIS_TOKEN: String(made.token) };
      assert.equal((await cli(["dag", "list"], { env: viewer })).code, 0);
      const refused = await cli(["dag", "run", "fails", "--json"], { env: viewer });
      assert.equal(refused.code, 5);
      assert.equal(JSON.parse(refused.out).code, "forbidden");

      const away = { ...viewer, CIS_URL: `http://127.0.0.1:${freePort()}` };
      const unreachable = await cli(["dag", "list"], { env: away });
      assert.equal(unreachable.code, 6);
      assert.match(unreachable.err, /deno task start/);
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }

    await node.stop();
    assert.equal((await run("dag", "list")).code, 6, "the node on this machine has stopped");
  });
});

Deno.test("a worker in a terminal serves its scope until it is stopped", async () => {
  await withCommands(async (run, node) => {
    const terminal = spawnCli(["worker", "start", "--scope", "project:cli"], {
      env: { CIS_DATA_DIR: node.dataDir },
    });
    const output = readAll(terminal.stdout);
    const errors = readAll(terminal.stderr);
    const seen = (pattern: RegExp): Promise<void> =>
      withDeadline(output.until(pattern), {
        ms: DEADLINE_MS,
        what: () => `not seen: ${pattern}\n${output.text()}${errors.text()}`,
      });
    try {
      await seen(/Ready: worker-project-cli in !worker-project-cli:node1/);
      const spec = { ...HELLO, scope: { type: "project", project_id: "cli" } };
      const { spec_hash } = documentOf(
        await run("dag", "publish", await specFile(node, spec), "--json"),
      );
      assert.equal((await run("dag", "confirm", "hello", String(spec_hash), "--watch")).code, 0);
      const status = documentOf(await run("worker", "status", "worker-project-cli", "--json"));
      assert.deepEqual([status.managed_by, status.status], ["cli", "running"]);
      assert.equal((await run("worker", "stop", "worker-project-cli")).code, 0);
      const ended = await withDeadline(terminal.status, {
        ms: DEADLINE_MS,
        what: () => `it goes on:\n${output.text()}${errors.text()}`,
      });
      assert.equal(ended.code, 0, errors.text());
    } finally {
      try {
        terminal.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await terminal.stdin.close().catch(() => undefined);
      await terminal.status;
      await Promise.all([output.end, errors.end]);
    }
  });
});

interface ReadStream {
  readonly end: Promise<void>;
  text(): string;
  until(pattern: RegExp): Promise<void>;
}

function readAll(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadStream {
  let text = "";
  let look = (): void => {};
  const read = async (): Promise<void> => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      look();
    }
  };
  return {
    end: read(),
    text: () => text,
    until: (pattern) =>
      new Promise((resolve) => {
        look = () => {
          if (pattern.test(text)) resolve();
        };
        look();
      }),
  };
}

Deno.test("the demo goes the whole way by itself and leaves nothing behind", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const { code, out, err } = await cli(["demo", "--yes"], { env: { CIS_DATA_DIR: dataDir } });
    assert.equal(code, 0, err);
    assert.match(out, /completed: 2 of 2 tasks/);
    assert.match(out, /"message":\s*"Hello, world!"/);
    assert.match(out, /^Its page {2}http:\/\/127\.0\.0\.1:\d+\/runs\/dag-run-\S+$/m);
    assert.deepEqual([...Deno.readDirSync(dataDir)], [], "its data are its own");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
