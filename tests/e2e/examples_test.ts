/** Every file in examples/, on a real node with real workers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { RunView, TaskView } from "../../lib/schema/api.ts";
import {
  type NodeProcess,
  waitForEnd,
  waitForEvent,
  withNodeProcess,
} from "../helpers/node_process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXAMPLES = new URL("../../examples/", import.meta.url);
/** The one that checks this repository type-checks all of it, on whatever machine this is. */
const DEADLINE_MS = 300_000;

/** In these not every task completes, which is what they show. */
const UNFINISHED = ["fails-in-the-middle.yaml", "approve-release.yaml"];

/** What has to come out, beyond a run that completed with all of its tasks. */
const EXPECTED: Readonly<Record<string, (run: RunView, node: NodeProcess) => void>> = {
  "hello.yaml": (run) => {
    assert.deepEqual(outputs(run, "greet"), { greeting: "Hello", name: "world" });
    assert.deepEqual(outputs(run, "answer"), { message: "Hello, world!" });
  },
  "check-repository.yaml": (run) => {
    const { checks, summary } = outputs(run, "report") as { checks: string[]; summary: string };
    assert.equal(summary, "all 4 checks passed");
    assert.match(checks.join("\n"), /^unit-tests: ok \| [1-9]\d* passed/m);
    assert.match(checks.join("\n"), /^types: no type errors$/m);
  },
  "leap-seconds.yaml": (run) => {
    const { lines } = outputs(run, "report") as { lines: string[] };
    assert.deepEqual(lines, [
      "27 leap seconds from 1972-06-30 to 2016-12-31",
      "per decade: 1970s 9, 1980s 6, 1990s 7, 2000s 2, 2010s 3",
      "at the end of June 11, of December 16",
      "the longest time without: 2557 days, 1998-12-31 to 2005-12-31",
    ]);
  },
  "fails-in-the-middle.yaml": (run) => {
    assert.equal(run.status, "failed");
    assert.match(
      run.error ?? "",
      /^task "import" failed after 3 attempts: .*; 2 tasks were skipped$/,
    );
    assert.deepEqual(
      Object.fromEntries(run.tasks.map((each) => [each.task_id, each.status])),
      {
        wobbly: "completed",
        import: "failed",
        transform: "skipped",
        publish: "skipped",
        clean: "completed",
        notify: "completed",
      },
    );
    assert.deepEqual(attempts(run, "wobbly"), ["failed 1", "completed 0"]);
    assert.deepEqual(attempts(run, "import"), ["failed 7", "failed 7", "failed 7"]);
    const [first = 0, second = 0] = waits(task(run, "import"));
    assert.ok(first >= 200 && second >= 400, `waited ${first} and ${second} ms`);
  },
  "approve-release.yaml": (run, node) => {
    assert.deepEqual(
      Object.fromEntries(run.tasks.map((each) => [each.task_id, each.status])),
      {
        build: "completed",
        "go-live": "completed",
        switch: "completed",
        announce: "debt",
        report: "skipped",
      },
    );
    assert.deepEqual(run.decisions.map(({ status, reason }) => [status, reason]), [
      ["approved", "looks good"],
    ]);
    assert.deepEqual(run.debts.map(({ task_id, status }) => [task_id, status]), [
      ["announce", "open"],
    ]);
    const live = `${node.dataDir}/workspaces/global/live.txt`;
    assert.equal(Deno.readTextFileSync(live), "built\n");
  },
  "machine-report.yaml": (run) => {
    assert.equal(run.worker_id, "worker-global");
    const { line } = outputs(run, "report") as { line: string };
    assert.match(line, /^disk \d+% used, \d+ kB free, load \d+\.\d+$/);
  },
  "release-notes.yaml": (run, node) => {
    assert.match(run.worker_id, /^worker-project-notes-[0-9a-f]{8}$/);
    assert.equal(
      Deno.readTextFileSync(`${node.dataDir}/workspaces/project-notes/RELEASE.txt`),
      "Version 1.1: faster, smaller.\n",
    );
  },
  "user-alice-tidy.toml": (run) => {
    assert.equal(run.worker_id, "worker-user-alice");
    const { text } = outputs(run, "report") as { text: string };
    assert.match(text, /^\d+ files, \d+ kB; 0 untouched for 90 days$/);
  },
  "backup-documents.json": (run) => {
    assert.equal(run.worker_id, "worker-type-backup");
    assert.deepEqual(outputs(run, "verify"), { verified: "1" });
    assert.deepEqual(outputs(run, "prune"), { kept: "1" });
  },
  "http-check.yaml": (run) => {
    assert.deepEqual(outputs(run, "look"), { title: "A page" });
  },
};

/** The repository's own settings: its checks need more than a task usually gets. */
const CONFIG = JSON.parse(Deno.readTextFileSync(join(ROOT, "cis.config.json")));

Deno.test("every example runs as it says", async (t) => {
  const page = "<title>A page</title><h1>Hello</h1>";
  const headers = { "content-type": "text/html" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(page, { headers }),
  );
  await withNodeProcess(async (node) => {
    for (const { name } of [...Deno.readDirSync(EXAMPLES)].filter((entry) => entry.isFile)) {
      await t.step(name, async () => {
        const expect = EXPECTED[name];
        assert.ok(expect, "nothing is expected of it; add it to EXPECTED");
        const run = await runExample(node, name, `http://127.0.0.1:${server.addr.port}/`);
        if (!UNFINISHED.includes(name)) await requireCompleted(node, run);
        expect(run, node);
      });
    }
  }, { config: { workspaces: { "project:dag-server": ROOT }, policy: CONFIG.policy } });
});

Deno.test("the call to publish works with what curl -d sends", async () => {
  await withNodeProcess(async ({ url, token, client }) => {
    const headers = { authorization: `Bearer ${token}` };
    const published = await fetch(`${url}/api/v1/dag/publish`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
      body: JSON.stringify({
        dag_id: "proj-abc-deploy",
        tasks: [{ id: "build", command: "echo built" }],
        scope: { type: "project", project_id: "abc" },
      }),
    });
    assert.equal(published.status, 200, await published.text());
    const confirmed = await fetch(`${url}/api/v1/dag/proj-abc-deploy/confirm`, {
      method: "POST",
      headers,
    });
    const { run_id } = await confirmed.json() as { run_id: string };
    assert.equal((await waitForEnd(client, run_id)).status, "completed");
  });
});

async function runExample(
  { client }: NodeProcess,
  name: string,
  site: string,
): Promise<RunView> {
  // A test asks nobody outside of this machine.
  const text = Deno.readTextFileSync(new URL(name, EXAMPLES))
    .replaceAll("https://example.org/", site);
  const { dag_id, spec_hash } = dataOf(await client.publish({ text }));
  const { run_id } = dataOf(await client.confirm(dag_id, { spec_hash }));
  if (text.includes("type: approval")) await approve(client, run_id);
  return await waitForEnd(client, run_id, DEADLINE_MS);
}

/** Says yes to the one question of a run. */
async function approve(client: Client, runId: string): Promise<void> {
  await waitForEvent(client, runId, ({ type }) => type === "decision.requested");
  const { decisions } = dataOf(await client.decisions({ run: runId, status: "open" }));
  assert.equal(decisions.length, 1);
  const reason = "looks good";
  dataOf(await client.decide(decisions[0]?.decision_id ?? "", "approve", { reason }));
}

/** Fails with what the tasks wrote, so that a failure on another machine can be understood. */
async function requireCompleted({ url, token }: NodeProcess, run: RunView): Promise<void> {
  if (run.status === "completed" && run.completed_tasks === run.total_tasks) return;
  const logs = await fetch(`${url}/api/v1/runs/${run.run_id}/logs`, {
    headers: { authorization: `Bearer ${token}`, accept: "text/plain" },
  });
  assert.fail(`${run.status}: ${run.error}\n${await logs.text()}`);
}

function task(run: RunView, id: string): TaskView {
  const found = run.tasks.find((each) => each.task_id === id);
  assert.ok(found, `the run has no task ${id}`);
  return found;
}

function outputs(run: RunView, id: string): TaskView["outputs"] {
  return task(run, id).outputs;
}

function attempts(run: RunView, id: string): string[] {
  return task(run, id).attempts.map(({ status, exit_code }) => `${status} ${exit_code}`);
}

/** Milliseconds between the end of each attempt and the start of the next. */
function waits({ attempts }: TaskView): number[] {
  return attempts.slice(1).map((attempt, index) =>
    Date.parse(attempt.started_at ?? "") - Date.parse(attempts[index]?.finished_at ?? "")
  );
}
