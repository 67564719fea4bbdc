/** What a node says that can't start: one sentence on stderr, nothing else, and a code of 1. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../lib/db/database.ts";
import { failedStart } from "../helpers/failed_start.ts";
import { startNode } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

/** Starts a node that has to refuse. @returns its sentence */
async function refusal(args: readonly string[], before: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await failedStart(args, before);
  assert.equal(code, 1, stderr);
  assert.equal(stdout, "");
  const [sentence = "", ...more] = stderr.split("\n");
  assert.deepEqual(more, [""], `more than one line:\n${stderr}`);
  const [, said] = /^cannot start: (.*[^.])$/.exec(sentence) ?? [];
  assert.ok(said, sentence);
  assert.doesNotMatch(said, /file:\/\/|Error:|undefined|\[object/, "inner workings");
  return said;
}

Deno.test("a port in use", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withTempDir(async (dir) => {
    const port = String(other.addr.port);
    assert.equal(
      await refusal(["--port", port, "--data-dir", dir]),
      `port ${port} on 127.0.0.1 is in use, perhaps by another node; ` +
        "stop that one, or choose a port with --port",
    );
    // Nothing is left that a later start on another port would stumble over.
    const node = await startNode(dir);
    assert.equal(await node.stop(), 0);
  });
});

Deno.test("a data directory that can't be made or written to", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "file");
    await Deno.writeTextFile(file, "");
    const below = join(file, "data");
    const sentence = await refusal(["--port", "0", "--data-dir", below]);
    assert.ok(sentence.startsWith(`the data directory ${below} can't be written to (`), sentence);
    assert.match(sentence, /; make it writable or name another with --data-dir$/);
  });
});

Deno.test("a data directory with a comma, which no worker could be started with", async () => {
  await withTempDir(async (dir) => {
    const data = join(dir, "a,b");
    assert.equal(
      await refusal(["--port", "0", "--data-dir", data]),
      `the settings have problems: data_dir: ${data} has a comma, ` +
        "which Deno's permissions can't name; choose another directory",
    );
    await assert.rejects(Deno.stat(data), Deno.errors.NotFound);
  });
});

Deno.test("a data directory without permission to write", async () => {
  const before = await asOrdinaryUser();
  if (before === undefined) return;
  await withTempDir(async (dir) => {
    const data = join(dir, "data");
    await Deno.mkdir(data, { mode: 0o500 });
    const sentence = await refusal(["--port", "0", "--data-dir", data], before);
    assert.match(sentence, /^the data directory \S+ can't be written to \(Permission denied/);

    // The directory can be written to, the database in it can't.
    await Deno.chmod(data, 0o700);
    new Database(join(data, "cis.db")).close();
    await Deno.chmod(join(data, "cis.db"), 0o400);
    const locked = await refusal(["--port", "0", "--data-dir", data], before);
    assert.match(
      locked,
      /^the database \S+\/cis\.db can't be used: .*; make it and its directory writable$/,
    );
  });
});

/** What takes root's right to write everywhere away; undefined where that can't be had. */
async function asOrdinaryUser(): Promise<string[] | undefined> {
  if (Deno.uid() !== 0) return [];
  const command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
  const [name = "", ...args] = command;
  try {
    const { success } = await new Deno.Command(name, { args: [...args, "true"] }).output();
    if (success) return command;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const message = "Not run: a start without permission to write, because root may write anywhere " +
    'and setpriv can\'t take that away. Run the tests as another user, or "apt-get install util-linux".';
  if (Deno.env.get("CI") === "true") throw new Error(message);
  // deno-lint-ignore no-console -- a test that did less than it says must say so
  console.warn(message);
  return undefined;
}

Deno.test("a database written by a newer version, which stays as it is", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "cis.db");
    new Database(path).close();
    const sql = new DatabaseSync(path);
    sql.exec("PRAGMA user_version = 999");
    sql.close();
    assert.match(
      await refusal(["--port", "0", "--data-dir", dir]),
      /^the database \S+\/cis\.db can't be used: it has schema 999, this version knows up to \d+: it was written by a newer version; start that one, or restore a backup$/,
    );
    const after = new DatabaseSync(path);
    assert.deepEqual({ ...after.prepare("PRAGMA user_version").get() }, { user_version: 999 });
    after.close();
  });
});

const SETTINGS: readonly (readonly [text: string, expected: RegExp])[] = [
  ["", /is not valid JSON: line 1, column 1: the text ends where a value should come$/],
  ['{\n  "port": x\n}', /is not valid JSON: line 2, column 11: "x" stands where a value should/],
  ["[]", /must hold a JSON object$/],
  ['{"prot": 1}', /prot: there is no such setting/],
  ['{"port": "many"}', /port: .*number/],
  ['{"port": 70000, "heartbeat_ms": 0}', /port: .*; heartbeat_ms: /],
  ['{"node_id": "a b"}', /node_id: /],
  ['{"public_url": "ftp://x"}', /public_url: /],
  [
    '{"workspaces": {"project:abc": "/srv/a,b", "global": "/srv/c"}}',
    /problems: workspaces\["project:abc"\]: \/srv\/a,b has a comma, which .*directory$/,
  ],
];

Deno.test("a settings file that is broken, or not there", async (t) => {
  await withTempDir(async (dir) => {
    const path = join(dir, "cis.config.json");
    const args = ["--port", "0", "--data-dir", join(dir, "data"), "--config"];
    for (const [text, expected] of SETTINGS) {
      await t.step(text, async () => {
        await Deno.writeTextFile(path, text);
        const sentence = await refusal([...args.slice(2), path]);
        assert.match(sentence, expected);
        assert.ok(sentence.includes("settings"), sentence);
      });
    }
    const missing = join(dir, "nowhere.json");
    assert.match(await refusal([...args, missing]), /the settings file \S+nowhere\.json can't be/);
    assert.match(await refusal([...args, dir]), /the settings file \S+ can't be read: /);
    await assert.rejects(Deno.stat(join(dir, "data")), Deno.errors.NotFound);
  });
});

Deno.test("a corrupt database", async (t) => {
  const makers: Record<string, (path: string) => void> = {
    "no database at all": (path) => Deno.writeTextFileSync(path, "not a database ".repeat(1000)),
    "only its first page": (path) => Deno.truncateSync(path, 4096),
    "a page in the middle overwritten": (path) => overwrite(path, "dag_runs_open"),
    "the table of tokens overwritten": (path) => overwrite(path, "tokens"),
  };
  for (const [name, spoil] of Object.entries(makers)) {
    await t.step(name, async () => {
      await withTempDir(async (dir) => {
        const path = join(dir, "cis.db");
        new Database(path).close();
        spoil(path);
        assert.match(
          await refusal(["--port", "0", "--data-dir", dir]),
          /^the database \S+\/cis\.db can't be used: .*(malformed|not a database); restore a backup, or name another directory with --data-dir$/,
        );
      });
    });
  }
});

/** Overwrites the page where a table or index begins. */
function overwrite(path: string, name: string): void {
  const sql = new DatabaseSync(path);
  const page = sql.prepare("SELECT rootpage AS n FROM sqlite_schema WHERE name = ?").get(name)?.n;
  sql.close();
  using file = Deno.openSync(path, { write: true });
  file.seekSync((Number(page) - 1) * 4096, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4096).fill(0xa5));
}

Deno.test("a data directory that another node has; once that is killed it is free", async () => {
  await withTempDir(async (dir) => {
    let node = await startNode(dir);
    try {
      assert.equal(
        await refusal(["--port", "0", "--data-dir", dir]),
        `the data directory ${dir} is in use by another node, process ${node.pid}; ` +
          "stop that one, or name another directory with --data-dir",
      );
      assert.equal((await fetch(`${node.url}/ready`)).status, 200, "the first one goes on");
      await node.killHard();
      node = await startNode(dir);
    } finally {
      assert.equal(await node.stop(), 0);
    }
  });
});
