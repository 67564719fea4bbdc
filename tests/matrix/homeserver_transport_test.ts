/** The end of a node in the middle of what its homeserver tells, by a homeserver that answers as told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { credentialsPath } from "../../lib/matrix/credentials.ts";
import { HomeserverTransport } from "../../lib/matrix/homeserver_transport.ts";
import type { HomeserverAnswer, HomeserverCall } from "../../lib/matrix/homeserver_request.ts";
import { RoomStore } from "../../lib/matrix/room_store.ts";
import { Database } from "../../lib/db/database.ts";

const NODE = "@cis-node1:a";
const HOMESERVER = "http://127.0.0.1:1";

Deno.test("who stops the transport waits for what is being taken, and may then close the store", async () => {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  const db = new Database(join(dir, "cis.db"));
  await Deno.writeTextFile(
    credentialsPath(dir),
    JSON.stringify({
      ...{ homeserver: HOMESERVER, user_id: NODE, device_id: "d", access_token: "t" },
      ...{ registration: { by: "open" }, worker_key: "k".repeat(32) },
    }),
  );
  const told: string[] = [];
  const keyPath = join(dir, "secret.key");
  const transport = new HomeserverTransport({
    ...{ db, dataDir: dir, nodeId: "node1", homeserver: HOMESERVER, keyPath, heartbeatMs: 1_000 },
    load: () => Promise.resolve(newsOnce),
    living: () => [],
    workspaceElsewhere: () => undefined,
    onExpelled: () => {},
    secretsOf: () => ({}),
    report: (line) => void told.push(line),
  });
  const heard = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  transport.inbox.people = {
    isKnown: () => false,
    hear: async () => {
      heard.resolve();
      await mayGoOn.promise;
    },
  };
  try {
    transport.start();
    await heard.promise;
    let isStopped = false;
    const stopping = transport.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(isStopped, false, "it stopped before what was being taken had been");
    mayGoOn.resolve();
    await stopping;
    const keptUntil = new RoomStore(db, keyPath).token(NODE);
    db.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(keptUntil, "s1");
    assert.deepEqual(told, []);
  } finally {
    db.close();
    await Deno.remove(dir, { recursive: true });
  }
});

/** Something is new at once, and then nothing any more until the one who asks gives up. */
function newsOnce(): (call: HomeserverCall) => Promise<HomeserverAnswer> {
  let isTold = false;
  return ({ path, signal }) => {
    if (!path.endsWith("/sync")) return Promise.resolve({});
    if (!isTold) {
      isTold = true;
      return Promise.resolve({ next_batch: "s1" });
    }
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
    );
  };
}
