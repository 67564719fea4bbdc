/** Following a homeserver that forgets, by what it answers. */
import assert from "node:assert/strict";
import {
  type HomeserverAnswer,
  type HomeserverCall,
  HomeserverError,
} from "../../lib/matrix/homeserver_request.ts";
import { Landmarks } from "../../lib/matrix/landmarks.ts";
import { followRooms } from "../../lib/matrix/room_sync.ts";
import type { SyncBatch, SyncedEvent } from "../../lib/matrix/sync_batch.ts";

const ROOM = "!room:a";

/** What a homeserver answers, one sync after the other. */
interface Script {
  /** Each with the token that it has to be asked with. */
  readonly syncs: readonly (readonly [string | undefined, HomeserverAnswer])[];
  /** Events that it knows. */
  readonly knows: Set<string>;
  /** Pages of a room's past, by token. */
  readonly pages?: Readonly<Record<string, HomeserverAnswer>>;
  /** Told before each sync. */
  readonly before?: (sync: number, landmarks: Landmarks) => void;
  readonly isKnown?: (event: SyncedEvent) => boolean;
}

/** Follows until the script is over. @returns what was handed on */
async function follow({ syncs, knows, pages = {}, before, isKnown }: Script): Promise<SyncBatch[]> {
  const landmarks = new Landmarks();
  const end = new AbortController();
  const batches: SyncBatch[] = [];
  let sync = 0;
  const answer = ({ path, query = {} }: HomeserverCall): HomeserverAnswer => {
    const last = decodeURIComponent(path.split("/").at(-1) ?? "");
    if (last === "messages") return pages[query.from ?? ""] ?? { chunk: [] };
    if (last !== "sync") {
      if (knows.has(last)) return {};
      throw new HomeserverError("unknown", { status: 404 });
    }
    const [since, next] = syncs[sync] ?? [query.since, {}];
    assert.equal(query.since, since, `sync ${sync}`);
    before?.(sync, landmarks);
    sync++;
    return next;
  };
  await followRooms({
    // In a turn of its own, as it is with a homeserver.
    request: async (call) => await Promise.resolve(call).then(answer),
    signal: end.signal,
    types: ["io.cis.*"],
    since: syncs[0]?.[0],
    landmarks,
    ...(isKnown === undefined ? {} : { isKnown }),
    onBatch: (batch) => {
      batches.push(batch);
      if (sync === syncs.length) end.abort();
      return Promise.resolve();
    },
  });
  return batches;
}

function event(id: string): SyncedEvent {
  return { event_id: id, type: "io.cis.task.result", sender: "@w:a", content: {} };
}

function syncOf(next: string, ids: readonly string[], timeline: object = {}): HomeserverAnswer {
  const events = ids.map(event);
  const join = ids.length === 0 ? {} : { [ROOM]: { timeline: { events, ...timeline } } };
  return { next_batch: next, rooms: { join } };
}

const idsOf = (batches: readonly SyncBatch[]): readonly (readonly string[])[] =>
  batches.map(({ rooms }) => (rooms.get(ROOM) ?? []).map(({ event_id }) => event_id));

Deno.test("a homeserver that was away and knows less is begun anew", async () => {
  const batches = await follow({
    knows: new Set(["$1"]),
    syncs: [
      [undefined, syncOf("t1", ["$1"])],
      ["t1", syncOf("t2", ["$2"])],
      // It is back, with other events at the same places.
      ["t2", syncOf("t3", ["$other"])],
      [undefined, syncOf("t2", ["$1", "$before", "$other"])],
      ["t2", syncOf("t3", ["$3"])],
    ],
    before: (sync, landmarks) => sync === 2 && landmarks.interrupted(),
  });
  assert.deepEqual(idsOf(batches), [["$1"], ["$2"], ["$1", "$before", "$other"], ["$3"]]);
  assert.deepEqual(batches.map(({ isAnew }) => isAnew), [false, false, true, false]);
});

Deno.test("what it takes after it is back doesn't hide that it has forgotten", async () => {
  const batches = await follow({
    knows: new Set(["$1", "$sent"]),
    syncs: [
      [undefined, syncOf("t1", ["$1", "$2"])],
      ["t1", syncOf("t2", ["$other"])],
      [undefined, syncOf("t2", ["$1", "$other"])],
    ],
    before: (sync, landmarks) => {
      if (sync !== 1) return;
      landmarks.interrupted();
      landmarks.add({ room: ROOM, event_id: "$sent" });
    },
  });
  assert.deepEqual(idsOf(batches), [["$1", "$2"], ["$1", "$other"]]);
});

Deno.test("one that was away and knows all is followed on", async () => {
  const batches = await follow({
    knows: new Set(["$1"]),
    syncs: [[undefined, syncOf("t1", ["$1"])], ["t1", syncOf("t2", ["$2"])]],
    before: (sync, landmarks) => sync === 1 && landmarks.interrupted(),
  });
  assert.deepEqual(idsOf(batches), [["$1"], ["$2"]]);
  assert.ok(batches.every(({ isAnew }) => !isAnew));
});

Deno.test("a place that something else has been given is left, whatever it knows", async () => {
  const direct = { type: "io.cis.worker.heartbeat", sender: "@w:a", content: {} };
  const batches = await follow({
    knows: new Set(["$1"]),
    syncs: [
      [undefined, syncOf("t1", ["$1"])],
      // Synapse would give this answer for two minutes, and nothing else.
      ["t1", { ...syncOf("t1", []), to_device: { events: [direct] } }],
      [undefined, syncOf("t0", ["$1"])],
      ["t0", syncOf("t1", ["$2"])],
    ],
  });
  assert.deepEqual(idsOf(batches), [["$1"], ["$1"], ["$2"]]);
});

Deno.test("of a room that is begun anew all is fetched behind what is known", async () => {
  const batches = await follow({
    knows: new Set(["$1"]),
    syncs: [
      ["old", syncOf("t1", ["$x"])],
      [undefined, syncOf("t2", ["$5", "$6"], { limited: true, prev_batch: "p1" })],
    ],
    pages: {
      p1: { chunk: [event("$4"), event("$3")], end: "p2" },
      p2: { chunk: [event("$2"), event("$1")], end: "p3" },
      p3: { chunk: [event("$0")], end: "p4" },
    },
    isKnown: ({ event_id }) => event_id === "$1",
    before: (sync, landmarks) => {
      if (sync !== 0) return;
      landmarks.add({ room: ROOM, event_id: "$lost" });
      landmarks.interrupted();
    },
  });
  assert.deepEqual(idsOf(batches), [["$1", "$2", "$3", "$4", "$5", "$6"]]);
});
