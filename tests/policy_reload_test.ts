/** Reading the policy again while a node runs, within the test's own process. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Config, loadConfig } from "../lib/config.ts";
import { createNode, type Node } from "../lib/node.ts";
import type { PolicyView } from "../lib/schema/api.ts";
import { type FakeWorker, fakeWorker } from "./helpers/fake_worker.ts";
import { openTestNode } from "./helpers/policy_node.ts";
import { call } from "./helpers/test_node.ts";

interface Setup {
  readonly node: Node;
  readonly reports: string[];
  /** Writes the settings file; text as it is. */
  write(settings: object | string): void;
  view(): Promise<PolicyView>;
}

async function withFile(settings: object, use: (setup: Setup) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-policy-" });
  const file = join(dir, "cis.config.json");
  const write = (content: object | string): void =>
    Deno.writeTextFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  write(settings);
  const config: Config = { ...loadConfig({ config: file, dataDir: join(dir, "data"), port: "0" }) };
  await Deno.mkdir(config.data_dir);
  const reports: string[] = [];
  const node = createNode(config, { report: (line) => reports.push(line) });
  try {
    await node.start();
    const { fetch } = await openTestNode(node);
    await use({
      node,
      reports,
      write,
      view: async () => await (await fetch("/api/v1/policy")).json() as PolicyView,
    });
  } finally {
    await node.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

const ABC = { type: "project", project_id: "abc", reuse_worker: true } as const;

function eventTypes(node: Node): string[] {
  return node.events.read({ after: 0, limit: 500 }).map(({ type }) => type);
}

Deno.test("a changed policy is in force after a reload, is told, and names the workers it concerns", async () => {
  await withFile({ policy: { defaults: { net: true } } }, async ({ node, write, view }) => {
    // A worker that is known, without a process.
    node.supervisor.admit({ scope: ABC });
    node.supervisor.admit({ scope: { type: "global" } });
    const changed: string[][] = [];
    node.policyReload.onPolicyChange = (keys) => void changed.push([...keys]);
    write({ policy: { scopes: { "project:abc": { net: ["example.org"] } } } });
    assert.equal(await node.policyReload.reload(), true);
    assert.deepEqual(node.policies.of(ABC).net, ["example.org"]);
    assert.deepEqual(changed, [["project:abc"]]);
    const { data } = node.events.read({ after: 0, limit: 500 })
      .find(({ type }) => type === "policy.loaded") ?? {};
    assert.equal(data?.["scopes"], "project:abc");
    const { scopes, last_error, source } = await view();
    assert.deepEqual(scopes.find(({ scope }) => scope === "project:abc")?.policy.net, [
      "example.org",
    ]);
    assert.equal(last_error, null);
    assert.match(source ?? "", /cis\.config\.json$/);
  });
});

Deno.test("rules that are looked at when a task starts concern no worker", async () => {
  await withFile({}, async ({ node, write }) => {
    node.supervisor.admit({ scope: ABC });
    node.policyReload.onPolicyChange = () => assert.fail("no worker has to start anew");
    write({ policy: { defaults: { task_timeout: "1m", isolation: "none", max_output: "1KiB" } } });
    await node.policyReload.reload();
    assert.equal(node.policies.of(ABC).task_timeout, "1m");
    assert.ok(eventTypes(node).includes("policy.loaded"));
  });
});

Deno.test("a worker has the secrets that its policy grants, and a changed one counts at once", async () => {
  await withFile({}, async ({ node, write }) => {
    const [A, B] = ["the value of a", "the value of b"];
    const { fetch } = await openTestNode(node);
    for (const [name, value] of Object.entries({ A, B })) {
      await call(fetch, `/api/v1/secrets/${name}`, { method: "PUT", body: { value } });
    }
    const granted = async (secrets: boolean | string[]): Promise<void> => {
      write({ policy: { scopes: { "project:abc": { secrets } } } });
      await node.policyReload.reload();
    };
    await granted(["A"]);
    await using worker = await fakeWorker(node, "project:abc");
    await using other = await fakeWorker(node, "project:x");
    assert.deepEqual(worker.bootstrap.secrets, { A });
    assert.deepEqual(secretsOf(worker), { A });
    assert.deepEqual(secretsOf(other), { A, B });
    for (const [grant, values] of [[["B"], { B }], [false, {}], [true, { A, B }]] as const) {
      worker.frames.length = 0;
      await granted(typeof grant === "boolean" ? grant : [...grant]);
      await worker.until(() => secretsOf(worker) !== undefined);
      assert.deepEqual(secretsOf(worker), values);
    }
    assert.deepEqual(secretsOf(other), { A, B });
  });
});

/** What a worker was told last. */
function secretsOf({ frames }: FakeWorker): unknown {
  const frame = frames.findLast(({ op }) => op === "secrets");
  return frame !== undefined && "secrets" in frame ? frame.secrets : undefined;
}

Deno.test("a bad file is refused with all its problems, and the policy stays", async () => {
  await withFile({ policy: { defaults: { pids: 7 } } }, async ({ node, write, view, reports }) => {
    write({
      policy: {
        defaults: { net: ["http://x"], memory: "much", nett: true },
        scopes: { "project:": {}, "user:ann": { cpu: 0 } },
      },
      prot: 1,
    });
    assert.equal(await node.policyReload.reload(), false);
    const problems = (await view()).last_error?.problems ?? [];
    const paths = problems.map(({ path }) => path);
    assert.deepEqual(paths.sort(), [
      "policy.defaults.memory",
      "policy.defaults.net[0]",
      "policy.defaults.nett",
      'policy.scopes["project:"]',
      'policy.scopes["user:ann"].cpu',
      "prot",
    ]);
    assert.equal(node.policies.of(ABC).pids, 7);
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? "", /policy stays as it was: .*policy\.defaults\.net\[0\]: "http/);
    assert.ok(eventTypes(node).includes("policy.refused"));

    await node.policyReload.reload();
    assert.equal(reports.length, 1, "the same problems are told once");

    write("{ not json");
    assert.equal(await node.policyReload.reload(), false);
    assert.match(reports[1] ?? "", /is not valid JSON/);

    write({ policy: { defaults: { pids: 8 } } });
    assert.equal(await node.policyReload.reload(), true);
    assert.match(reports[2] ?? "", /^the policy in .*\.json was read again/);
    assert.equal((await view()).last_error, null);
    assert.equal(node.policies.of(ABC).pids, 8);
  });
});

Deno.test("other settings that changed are named as needing a restart", async () => {
  await withFile({ heartbeat_ms: 1000 }, async ({ node, write, view, reports }) => {
    write({ heartbeat_ms: 2000, max_tasks: 5, policy: { defaults: { pids: 9 } } });
    assert.equal(await node.policyReload.reload(), true);
    assert.deepEqual((await view()).needs_restart.sort(), ["heartbeat_ms", "max_tasks"]);
    assert.match(reports.join("\n"), /need a restart of the node: .*heartbeat_ms/);
    assert.equal(node.config.heartbeat_ms, 1000);
    assert.equal(node.policies.of(ABC).pids, 9);
    write({ heartbeat_ms: 1000 });
    await node.policyReload.reload();
    assert.deepEqual((await view()).needs_restart, []);
  });
});

Deno.test("a token for one scope sees the policy of this scope", async () => {
  await withFile(
    { policy: { scopes: { "project:abc": {}, "user:ann": {} } } },
    async ({ node }) => {
      const { fetch } = await openTestNode(node, ["user:ann"]);
      const { scopes } = await (await fetch("/api/v1/policy")).json() as PolicyView;
      assert.deepEqual(scopes.map(({ scope }) => scope), ["user:ann"]);
    },
  );
});
