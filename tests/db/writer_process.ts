/** Writes rows for ever and says each number once its commit is durable. To be killed. */
import { Database } from "../../lib/db/database.ts";

const db = new Database(Deno.args[0] ?? "");
const encoder = new TextEncoder();
await db.write(() => db.run("CREATE TABLE IF NOT EXISTS ack (n INTEGER PRIMARY KEY) STRICT"));
const first = db.get<{ n: number }>("SELECT coalesce(max(n), 0) + 1 AS n FROM ack")?.n ?? 1;
for (let n = first;; n += 3) {
  const batch = [n, n + 1, n + 2].map(async (number) => {
    await db.write(() => db.run("INSERT INTO ack (n) VALUES (?)", number));
    Deno.stdout.writeSync(encoder.encode(`${number}\n`));
  });
  await Promise.all(batch);
}
