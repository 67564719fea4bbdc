/** A node from its first line to its last: what it prints and leaves, and that nothing stays. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import { gone, isRunning } from "../helpers/child_worker.ts";
import { within } from "../helpers/deadline.ts";
import { publishAndConfirm, startNode, waitForEvent } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const SIGN_IN = /^sign in, once, within 15 minutes: (http:\S+)$/;

function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
}

Deno.test("a start says in a few lines what it did, and the owner's token is the owner's alone", async () => {
  await withTempDir(async (dir) => {
    const dataDir = join(dir, "data");
    const first = await startNode(dataDir);
    const lines = first.output().trimEnd().split("\n");
    assert.equal(lines.length, 4, first.output());
    const [where = "", owner, signIn = "", ready] = lines;
    assert.match(where, /^node node1, version \d+\.\d+\.\d+, keeps everything in \S+\/data$/);
    assert.equal(
      owner,
      `the owner's token is in ${dataDir}/owner.token (only you can read it)`,
    );
    assert.equal(ready, `ready on ${first.url}`);
    assert.equal(modeOf(join(dataDir, "owner.token")), "600");
    assert.equal(Deno.readTextFileSync(join(dataDir, "node.url")), `${first.url}\n`);

    const link = SIGN_IN.exec(signIn)?.[1] ?? "";
    assert.equal(first.output().split("ticket=").length, 2, "the link is printed once");
    await signsIn(link, true);
    await signsIn(link, false);
    assert.equal(await first.stop(), 0);

    const second = await startNode(dataDir);
    const again = second.output().trimEnd().split("\n");
    assert.equal(again.length, 3, "the token is there already");
    assert.equal(second.token, first.token);
    assert.notEqual(
      SIGN_IN.exec(again[1] ?? "")?.[1]?.split("ticket=")[1],
      link.split("ticket=")[1],
    );
    assert.equal(await second.stop(), 0);
  });
});

/** Fails unless a link gives a session, or refuses one. */
async function signsIn(link: string, expected: boolean): Promise<void> {
  const response = await fetch(link, { redirect: "manual" });
  await response.body?.cancel();
  const gave = response.headers.get("set-cookie")?.includes("HttpOnly") === true;
  assert.equal(gave, expected, `${response.status} for ${link}`);
}

Deno.test("what the node makes is closed to others, whatever the umask", async () => {
  await withTempDir(async (dir) => {
    const dataDir = join(dir, "data");
    const before = Deno.umask(0);
    const node = await startNode(dataDir, { configDir: dir }).finally(() => Deno.umask(before));
    try {
      assert.equal(modeOf(dataDir), "700");
      assert.equal(modeOf(join(dataDir, "owner.token")), "600");
      assert.equal(modeOf(join(dataDir, "node.lock")), "600");
    } finally {
      await node.stop();
    }
  });
});

const LONG = { type: "shell", command: 'echo $$ > "$PIDS/$CIS_TASK_ID"; sleep 600' };

/** The process id in a file that a task writes. */
async function writtenPid(path: string): Promise<number> {
  const watcher = Deno.watchFs(join(path, ".."));
  const written = async (): Promise<number> => {
    for (;;) {
      try {
        const text = await Deno.readTextFile(path);
        if (text.endsWith("\n")) return Number(text);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      await watcher[Symbol.asyncIterator]().next();
    }
  };
  return await within(written(), path).finally(() => watcher.close());
}

Deno.test("SIGTERM ends the node with its workers and what they run, whoever still listens", async () => {
  await withTempDir(async (dir) => {
    const node = await startNode(dir, {
      // Without walls, so that its tasks know their pids.
      config: { stop_grace_ms: 500, policy: { defaults: { isolation: "none" } } },
    });
    const { client, url, token } = node;
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "long",
      scope: { type: "project", project_id: "abc" },
      env: { PIDS: dir },
      tasks: [{ id: "one", ...LONG }, { id: "two", ...LONG }],
    });
    const started = new Set<string | null>();
    await waitForEvent(client, run_id, (event) => {
      if (event.type === "task.running") started.add(event.task_id);
      return started.size === 2;
    });
    const tasks = await Promise.all(["one", "two"].map((name) => writtenPid(join(dir, name))));
    const worker = dataOf(await client.workers()).workers[0]?.pid ?? 0;
    assert.ok([...tasks, worker].every(isRunning));
    // Followers that never let go: of the run, of everything, of the output.
    const streams = await Promise.all(
      [`runs/${run_id}/events`, "events", `runs/${run_id}/logs`].map((path) =>
        fetch(`${url}/api/v1/${path}`, {
          headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
        })
      ),
    );
    assert.equal(await within(node.stop(), "the node's end", 20_000), 0);
    for (const pid of [worker, ...tasks]) await gone(pid);
    await assert.rejects(Deno.stat(join(dir, "node.url")), Deno.errors.NotFound);
    assert.match(node.output(), /^stopping: /m);
    assert.equal(
      node.output().trimEnd().split("\n").at(-1),
      "stopping: workers finish what they can",
    );
    // What an end of the process does to a stream is not this test's business.
    await Promise.allSettled(streams.map(({ body }) => body?.cancel()));

    // The run wasn't lost: its tasks are handed out again.
    const next = await startNode(dir, { config: { stop_grace_ms: 500 } });
    try {
      const again = new Set<string | null>();
      await waitForEvent(next.client, run_id, ({ type, task_id, data }) => {
        if (type === "task.running" && data["attempt"] === 2) again.add(task_id);
        return again.size === 2;
      });
      const run = dataOf(await next.client.getRun(run_id));
      assert.equal(run.status, "running");
      assert.deepEqual(
        run.tasks.map(({ attempts }) => attempts.map(({ status }) => status)),
        [["lost", "running"], ["lost", "running"]],
      );
    } finally {
      assert.equal(await next.stop(), 0);
    }
  });
});
