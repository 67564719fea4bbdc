/** The life of workers on a real node: given up, stopped, restarted, idle, started by a person. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { WorkerView } from "../../lib/schema/api.ts";
import { FIND_WORKER } from "../helpers/find_worker.ts";
import { gone, isRunning } from "../helpers/child_worker.ts";
import { within } from "../helpers/deadline.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  waitForEnd,
  waitForEvent,
  withNodeProcess,
} from "../helpers/node_process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCOPE = { type: "project", project_id: "abc" };
const ID = "worker-project-abc";
/** So that a task sees its worker, as the parent of its shell. */
const NO_WALLS = { policy: { defaults: { isolation: "none" as const } } };

/** Waits for an event about the worker. */
async function workerEvent(client: Client, type: string, since: number): Promise<number> {
  const signal = AbortSignal.timeout(30_000);
  for await (const event of client.followEvents({ signal, lastEventId: String(since) })) {
    if (event.worker_id === ID && event.type === type) return event.seq;
  }
  throw new Error(`no ${type} of ${ID}`);
}

async function worker(client: Client): Promise<WorkerView> {
  return dataOf(await client.worker(ID));
}

function doc(name: string, command: string, more: object = {}): object {
  return { dag_id: `proj-abc-${name}`, scope: SCOPE, tasks: [{ id: "task", command, ...more }] };
}

Deno.test("a task that kills its worker each time: the run fails with the worker's reason", async () => {
  await withNodeProcess(async ({ client }) => {
    const { run_id } = await publishAndConfirm(
      client,
      doc("deadly", `${FIND_WORKER}kill -9 $worker; sleep 60`),
    );
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "failed");
    assert.equal(
      run.error,
      `its worker ${ID} could not be kept running: the process was ended by SIGKILL`,
    );
    const { status, restarts, error } = await worker(client);
    assert.deepEqual([status, restarts], ["failed", 2]);
    assert.match(error ?? "", /SIGKILL/);
    // The next run gets a try of its own, and a worker that lives.
    const next = await publishAndConfirm(client, doc("harmless", "true"));
    assert.equal((await waitForEnd(client, next.run_id)).status, "completed");
    assert.equal((await worker(client)).status, "running");
  }, { config: { ...NO_WALLS, restart_limit: 2 } });
});

Deno.test("a worker is stopped, started by the next run, and restarted in the middle of one", async () => {
  await withNodeProcess(async ({ client }) => {
    const first = await publishAndConfirm(client, doc("first", "true"));
    await waitForEnd(client, first.run_id);
    const { pid: firstPid } = await worker(client);
    const { status } = dataOf(await client.stopWorker(ID));
    assert.match(status, /^stopp/);
    const stoppedAt = await workerEvent(client, "worker.stopped", 0);
    await gone(firstPid ?? 0);
    assert.deepEqual([(await worker(client)).status, (await worker(client)).pid], [
      "stopped",
      null,
    ]);

    const command = '[ "$CIS_ATTEMPT" = 1 ] && { echo begun; sleep 60; }; echo again';
    const { run_id } = await publishAndConfirm(client, doc("second", command));
    await waitForEvent(client, run_id, ({ type }) => type === "task.running");
    const { pid: secondPid } = await worker(client);
    assert.notEqual(secondPid, firstPid);
    dataOf(await client.restartWorker(ID));
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    // Stopping it was no fault of the task: the attempt is lost, and the next one counts.
    assert.deepEqual(run.tasks[0]?.attempts.map((attempt) => attempt.status), [
      "lost",
      "completed",
    ]);
    await gone(secondPid ?? 0);
    const after = await worker(client);
    assert.equal(after.status, "running");
    assert.equal(after.restarts, 0);
    assert.ok(await workerEvent(client, "worker.stopped", stoppedAt) > stoppedAt);
  }, { config: { stop_grace_ms: 500 } });
});

Deno.test("a worker without work ends after a while, and comes back for the next run", async () => {
  await withNodeProcess(async ({ client }) => {
    for (const name of ["one", "two"]) {
      const { run_id } = await publishAndConfirm(client, doc(name, "echo done >&2"));
      assert.equal((await waitForEnd(client, run_id)).status, "completed");
    }
    const stopped = await workerEvent(client, "worker.stopped", 0);
    const { status, error } = await worker(client);
    assert.deepEqual([status, error], ["stopped", null]);
    const { run_id } = await publishAndConfirm(client, doc("three", "true"));
    assert.equal((await waitForEnd(client, run_id)).status, "completed");
    assert.ok(await workerEvent(client, "worker.running", stopped) > stopped);
  }, { config: { idle_exit_ms: 300 } });
});

/** `deno task …` of this project, as in a terminal. */
class Terminal implements AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly #texts: Promise<[string, string]>;
  #out = "";
  #wake = Promise.withResolvers<void>();

  constructor(node: NodeProcess, args: readonly string[]) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      env: { CIS_URL: node.url, CIS_TOKEN: node.token, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#texts = Promise.all([
      this.#read(this.process.stdout),
      new Response(this.process.stderr).text(),
    ]);
  }

  /** Waits until it has written this to stdout. */
  async wrote(text: RegExp): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!text.test(this.#out)) await this.#wake.promise;
    };
    await within(wait(), `${text} in the terminal`, 30_000);
  }

  async ended(): Promise<{ code: number; out: string; err: string }> {
    const { code } = await within(this.process.status, "the command's end", 30_000);
    const [out, err] = await this.#texts;
    return { code, out, err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.process.status;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#out += decoder.decode(chunk, { stream: true });
      this.#wake.resolve();
      this.#wake = Promise.withResolvers<void>();
    }
    return this.#out;
  }
}

/** The arguments of a process, and its environment. */
function commandLine(pid: number): { argv: string[]; env: string[] } {
  const parts = (name: string): string[] =>
    Deno.readTextFileSync(`/proc/${pid}/${name}`).split("\0").filter((part) => part !== "");
  return { argv: parts("cmdline"), env: parts("environ").sort() };
}

Deno.test("`worker start` starts what the node itself would start, once, and says when it is ready", async () => {
  await withNodeProcess(async (node) => {
    const { client } = node;
    await using started = new Terminal(node, ["task", "worker", "start", "--scope", "project:abc"]);
    await started.wrote(/^Ready: worker-project-abc in !worker-project-abc:node1$/m);
    const byHand = await worker(client);
    assert.deepEqual([byHand.status, byHand.managed_by], ["running", "cli"]);
    const ofHand = commandLine(byHand.pid ?? 0);

    // It is the scope's worker: runs are carried out by it and start no other.
    const first = await publishAndConfirm(client, doc("first", `${FIND_WORKER}echo $worker > pid`));
    assert.equal((await waitForEnd(client, first.run_id)).status, "completed");
    const workspace = join(node.dataDir, "workspaces", "project-abc");
    assert.equal(Number(Deno.readTextFileSync(join(workspace, "pid"))), byHand.pid);

    await using again = new Terminal(node, [
      ...["run", "-A", "--no-check", "cli.ts"],
      ...["worker", "start", "--scope", "project:abc"],
    ]);
    const refused = await again.ended();
    assert.equal(refused.code, 4);
    assert.match(
      refused.err,
      new RegExp(`the worker ${ID} is running as process ${byHand.pid}; stop it first`),
    );
    assert.ok(isRunning(byHand.pid ?? 0));

    dataOf(await client.stopWorker(ID));
    const { code, out, err } = await started.ended();
    assert.deepEqual([code, out], [0, `Ready: ${ID} in !${ID}:node1\n`]);
    assert.match(err, new RegExp(`Starting ${ID} in !${ID}:node1 \\(pid ${byHand.pid}\\)`));
    await gone(byHand.pid ?? 0);

    const second = await publishAndConfirm(client, doc("second", "true"));
    assert.equal((await waitForEnd(client, second.run_id)).status, "completed");
    const byNode = await worker(client);
    assert.equal(byNode.managed_by, "node");
    assert.deepEqual(commandLine(byNode.pid ?? 0), ofHand);
    // The proof of who it is went to stdin, and no token of anybody is there either.
    const shown = [...ofHand.argv, ...ofHand.env].filter((part) => !part.includes("/"));
    assert.ok(shown.length > 10);
    assert.deepEqual(shown.filter((part) => /did:cis|[A-Za-z0-9_-]{43}/.test(part)), []);
    assert.ok(ofHand.argv.includes("--no-prompt"));
  }, { config: NO_WALLS });
});

Deno.test("Ctrl-C in the terminal of `worker start` lets the task finish", async () => {
  await withNodeProcess(async (node) => {
    const { client } = node;
    await using started = new Terminal(node, [
      ...["run", "-A", "--no-check", "cli.ts"],
      ...["worker", "start", "--scope", "project:abc"],
    ]);
    await started.wrote(/^Ready/m);
    const { pid } = await worker(client);
    const command = "mkfifo go; echo began; read -r x < go";
    const { run_id } = await publishAndConfirm(client, doc("slow", command));
    // Not only handed out: what the worker has not begun it leaves to the next one.
    const signal = AbortSignal.timeout(20_000);
    for await (const { text } of client.followLogs(run_id, { signal })) if (text === "began") break;
    started.process.kill("SIGINT");
    const go = join(node.dataDir, "workspaces", "project-abc", "go");
    await within(Deno.writeTextFile(go, "\n"), "the task's read");
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.tasks[0]?.attempts.length, 1);
    const { code, err } = await started.ended();
    assert.equal(code, 0);
    assert.match(err, /Finishing running tasks/);
    await gone(pid ?? 0);
  });
});
