/** A node dies between a change and its answer: the same request under its key is not done twice. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Database } from "../../lib/db/database.ts";
import { type NodeProcess, startNode } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { databasePath } from "../helpers/test_node.ts";

const DYING_NODE = fileURLToPath(new URL("../helpers/dying_node.ts", import.meta.url));

/** A request, and how often what it makes is there. */
interface Scene {
  readonly path: string;
  readonly body?: object;
  readonly made: string;
  /** Its answer holds a secret, so it isn't given again. */
  readonly secret?: true;
}

const SCENES: Readonly<Record<string, Scene>> = {
  run: {
    path: "/api/v1/dag/d-run/run",
    made: "SELECT count(*) AS n FROM dag_runs WHERE triggered_by = 'run'",
  },
  retry: {
    path: "/api/v1/runs/{run_id}/retry",
    made: "SELECT count(*) AS n FROM dag_runs WHERE triggered_by = 'retry'",
  },
  issue: {
    path: "/api/v1/task/issue",
    body: { command: "true" },
    made: "SELECT count(*) AS n FROM dag_specs WHERE dag_id LIKE 'task-%'",
  },
  token: {
    path: "/api/v1/tokens",
    body: { name: "made once", roles: ["viewer"] },
    made: "SELECT count(*) AS n FROM tokens WHERE name = 'made once'",
    secret: true,
  },
};

/** A request whose answer never came, and who sent it. */
interface Lost {
  readonly name: string;
  readonly path: string;
  readonly token: string;
}

Deno.test("a node killed between commit and answer does nothing again under the same key", async () => {
  await withTempDir(async (dir) => {
    const dataDir = join(dir, "data");
    await Deno.mkdir(dataDir);
    const lost: Lost[] = [];
    for (const name of Object.keys(SCENES)) lost.push(await dieBeforeAnswer(dataDir, name));
    const first = await answersOf(dataDir, lost);
    for (const { name } of lost) {
      assert.equal(count(dataDir, name), 1, `${name} was done again`);
    }
    assert.deepEqual(await answersOf(dataDir, lost), first, "after another restart");
    assert.equal(first.get("run")?.run_id, newestRun(dataDir, "run"));
    assert.equal(first.get("retry")?.run_id, newestRun(dataDir, "retry"));
  });
});

async function dieBeforeAnswer(dataDir: string, name: string): Promise<Lost> {
  const { path, body } = sceneOf(name);
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", DYING_NODE, dataDir, `d-${name}`, path, `key of ${name}`],
      ...(body === undefined ? [] : [JSON.stringify(body)]),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const errors = new TextDecoder().decode(output.stderr);
  assert.equal(output.signal, "SIGKILL", `it ended by itself: ${errors}`);
  assert.equal(count(dataDir, name), 1, `${name} was not done before the node died`);
  return { name, ...JSON.parse(new TextDecoder().decode(output.stdout)) };
}

/** Starts the node again, repeats the requests, and stops it. */
async function answersOf(
  dataDir: string,
  lost: readonly Lost[],
): Promise<Map<string, Record<string, unknown>>> {
  const node = await startNode(dataDir);
  try {
    const answers = new Map<string, Record<string, unknown>>();
    for (const one of lost) answers.set(one.name, await repeat(node, one));
    return answers;
  } finally {
    await node.stop();
  }
}

async function repeat(
  { url }: NodeProcess,
  { name, path, token }: Lost,
): Promise<Record<string, unknown>> {
  const { body, secret } = sceneOf(name);
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "idempotency-key": `key of ${name}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (secret) {
    assert.equal(answer.code, "idempotency_conflict", JSON.stringify(answer));
    return { code: answer.code };
  }
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(response.headers.get("idempotency-replayed"), "true");
  return answer;
}

function sceneOf(name: string): Scene {
  const scene = SCENES[name];
  assert.ok(scene);
  return scene;
}

function count(dataDir: string, name: string): number | undefined {
  using db = new Database(databasePath(dataDir));
  return db.get<{ n: number }>(sceneOf(name).made)?.n;
}

function newestRun(dataDir: string, triggeredBy: string): string | undefined {
  using db = new Database(databasePath(dataDir));
  return db.get<{ run_id: string }>(
    "SELECT run_id FROM dag_runs WHERE triggered_by = ? ORDER BY created_at DESC",
    triggeredBy,
  )?.run_id;
}
