/**
 * Nothing secret is left lying about: not in arguments or environments of processes, not in what
 * tasks can read, not in the data directory, the node's output or its answers to mistakes.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { dataOf } from "../../lib/api/client.ts";
import { hashSecret } from "../../lib/auth/secret.ts";
import { FIND_WORKER } from "../helpers/find_worker.ts";
import { type NodeProcess, publishAndConfirm, withNodeProcess } from "../helpers/node_process.ts";

const SECRET_LENGTH = 43;

/** Every secret that the node knows is stored as its hash, so any text can be held against them. */
class SecretFinder {
  readonly #hashes: ReadonlySet<string>;

  constructor(dataDir: string) {
    const sql = new DatabaseSync(join(dataDir, "cis.db"), { readOnly: true });
    const rows = sql.prepare(
      `SELECT secret_hash AS hash FROM tokens UNION SELECT secret_hash FROM workers
       UNION SELECT session_hash FROM sessions`,
    ).all();
    sql.close();
    this.#hashes = new Set(rows.map(({ hash }) => String(hash)));
  }

  get known(): number {
    return this.#hashes.size;
  }

  /** The secrets in a text. */
  in(text: string): string[] {
    const found: string[] = [];
    for (const [word] of text.matchAll(/[A-Za-z0-9_-]{43,}/g)) {
      for (let start = 0; start + SECRET_LENGTH <= word.length; start++) {
        const part = word.slice(start, start + SECRET_LENGTH);
        if (this.#hashes.has(hashSecret(part))) found.push(part);
      }
    }
    return found;
  }
}

/** A process and all that it has started. */
function family(pid: number): number[] {
  const children = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((each) => each > 0 && parentOf(each) === pid);
  return [pid, ...children.flatMap(family)];
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** Bytes of a file as characters of one byte each. */
function latin1(path: string): string {
  return new TextDecoder("latin1").decode(Deno.readFileSync(path));
}

function* filesIn(dir: string): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(dir)) {
    if (isDirectory) yield* filesIn(join(dir, name));
    else if (isFile) yield join(dir, name);
  }
}

// What a task without walls can find out about itself and the worker that runs it.
const CURIOUS = FIND_WORKER + "env; for process in $$ $PPID $worker; do " +
  "cat /proc/$process/cmdline /proc/$process/environ | tr '\\0' '\\n'; done; " +
  "ls -l /proc/$worker/fd; echo looked; sleep 600";

/** Uses every kind of secret once. @returns texts that may well hold one */
async function useSecrets(node: NodeProcess): Promise<{ shown: string[]; mistakes: string[] }> {
  const { url, token } = node;
  const post = async (path: string, body: object, key: string): Promise<string> => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": key,
    };
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return text;
  };
  const link = /sign in, once.*: (\S+)/.exec(node.output())?.[1] ?? "";
  const page = await fetch(link);
  const signedIn = await page.text();
  const shown = [
    await post("tokens", { name: "other", roles: ["viewer"] }, "a"),
    await post("workers", { scope: { type: "user", user_id: "u" } }, "b"),
    page.headers.get("set-cookie") ?? "",
  ];
  const mistakes = [signedIn];
  const secret = token.split(":").at(-1) ?? "";
  for (const wrong of [`${token}x`, `Bearer${token}`, `did:cis:other:${secret}`]) {
    const headers = { authorization: `Bearer ${wrong}` };
    mistakes.push(await (await fetch(`${url}/api/v1/runs`, { headers })).text());
  }
  return { shown, mistakes };
}

Deno.test("no secret is in argv, environments, output, logs, files or answers to mistakes", async () => {
  await withNodeProcess(async (node) => {
    const { client, dataDir, token } = node;
    const { shown, mistakes } = await useSecrets(node);
    const script = "console.log('runs'); await new Promise((r) => setTimeout(r, 600_000))";
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "curious",
      scope: { type: "project", project_id: "abc" },
      tasks: [
        { id: "shell", type: "shell", command: CURIOUS },
        { id: "deno", type: "deno", script: `export default async () => { ${script} }` },
      ],
    });
    const waitingFor = new Set(["shell looked", "deno runs"]);
    const signal = AbortSignal.timeout(20_000);
    for await (const { task_id, text } of client.followLogs(run_id, { signal })) {
      waitingFor.delete(`${task_id} ${text}`);
      if (waitingFor.size === 0) break;
    }
    const lines = dataOf(await client.runLogs(run_id, { limit: 500 })).lines;
    assert.ok(lines.some(({ text }) => text === "CIS_TASK_ID=shell"), "it saw its environment");
    assert.ok(lines.some(({ text }) => text === "--parent-node"), "it saw its worker's arguments");

    const finder = new SecretFinder(dataDir);
    // Owner, other token, session, and the workers of two scopes: each is found where it was shown.
    assert.ok(finder.known >= 5, `${finder.known} secrets are known`);
    for (const text of [token, ...shown]) assert.equal(finder.in(text).length, 1, text);

    const processes = family(node.pid);
    assert.ok(processes.length >= 4, "node, worker, shell, deno task");
    for (const pid of processes) {
      for (const file of ["cmdline", "environ"]) {
        const text = latin1(`/proc/${pid}/${file}`);
        assert.deepEqual(finder.in(text), [], `/proc/${pid}/${file}:\n${text}`);
      }
    }
    assert.deepEqual(finder.in(lines.map(({ text }) => text).join("\n")), []);
    for (const path of filesIn(dataDir)) {
      const expected = path.endsWith("/owner.token") ? 1 : 0;
      assert.equal(finder.in(latin1(path)).length, expected, path);
    }
    assert.deepEqual(finder.in(node.output()), []);
    for (const text of mistakes) assert.deepEqual(finder.in(text), [], text);
    await client.cancelRun(run_id);
  }, { config: { policy: { defaults: { isolation: "none" } } } });
});
