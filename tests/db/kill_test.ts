import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Database } from "../../lib/db/database.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const ROUNDS = 20;
const WRITER = fileURLToPath(new URL("./writer_process.ts", import.meta.url));

Deno.test("a writer that is killed at any moment has kept everything that it said was kept", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = seededRandom(seed);
  await withTempDir(async (dir) => {
    const path = join(dir, "x.db");
    let before = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const acked = await writeAndKill(path, 1 + Math.floor(random() * 60));
      using db = new Database(path);
      const kept = new Set(db.all<{ n: number }>("SELECT n FROM ack").map(({ n }) => n));
      const lost = acked.filter((n) => !kept.has(n));
      assert.deepEqual(lost, [], `seed ${seed}, round ${round}`);
      assert.ok(kept.size > before, `seed ${seed}, round ${round}: nothing was written`);
      before = kept.size;
      assert.equal(db.get("PRAGMA integrity_check")?.["integrity_check"], "ok", `seed ${seed}`);
    }
  });
});

/** Starts a writer and kills it as soon as it has told of that many rows. @returns what it told of */
async function writeAndKill(path: string, rows: number): Promise<number[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER, path],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let told = "";
  let killed = false;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    told += decoder.decode(chunk, { stream: true });
    if (killed || told.split("\n").length <= rows) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  const status = await child.status;
  assert.equal(status.signal, "SIGKILL", "the writer ended by itself");
  // A number counts only with its line end: a half-written one was not said.
  return told.slice(0, told.lastIndexOf("\n")).split("\n").map(Number);
}
