/** Event streams: of a run from its beginning to its end, and of the node from now on. */
import assert from "node:assert/strict";
import { publishDag, startDag } from "../../../helpers/test_node.ts";
import { SseReader } from "../../../helpers/sse.ts";
import { within } from "../../../helpers/deadline.ts";
import { dagOf, failsAtOnce, finishedRun, getJson, withApi } from "./api_fixture.ts";

Deno.test("the events of a run tell its whole life, whenever one begins to follow", async () => {
  await withApi(async (test) => {
    const { fetch, worker } = test;
    const { run_id } = await startDag(fetch, dagOf("life"));
    const path = `/api/v1/runs/${run_id}/events`;
    const early = new SseReader(await fetch(path));
    const task = await worker.take();
    await worker.finish(task);
    const told = await early.rest();
    const types = told.map(({ event }) => event);
    const ofTask = types.filter((type) => type.startsWith("task."));
    assert.deepEqual(types.filter((type) => type.startsWith("run.")), [
      "run.queued",
      "run.running",
      "run.completed",
    ]);
    assert.deepEqual([ofTask.at(-2), ofTask.at(-1)], ["task.running", "task.completed"]);
    assert.equal(types.at(-1), "end");
    const late = await new SseReader(await fetch(path)).rest();
    assert.deepEqual(late, told, "the same, once it is over");
    for (const [index, { id, data }] of told.slice(0, -1).entries()) {
      assert.equal(id, String(data.seq));
      assert.equal(data.run_id, run_id);
      const headers = { "last-event-id": id };
      const resumed = await new SseReader(await fetch(path, { headers })).rest();
      assert.deepEqual(resumed, told.slice(index + 1), `behind ${id}`);
      const after = await new SseReader(await fetch(`${path}?after=${id}`)).rest();
      assert.deepEqual(after, resumed, "?after= is the same");
    }
  });
});

Deno.test("the node's events begin with now, or behind Last-Event-ID", async () => {
  await withApi(async ({ fetch, node }) => {
    await publishDag(fetch, dagOf("before"));
    const since = node.events.latest();
    const stream = new SseReader(await fetch("/api/v1/events"));
    await publishDag(fetch, dagOf("one"));
    await publishDag(fetch, dagOf("two"));
    const [one, two] = await stream.take(2);
    assert.deepEqual([one?.event, one?.data.dag_id], ["dag.published", "one"]);
    assert.equal(two?.data.dag_id, "two");
    await stream.leave();
    const headers = { "last-event-id": one?.id ?? "" };
    const resumed = new SseReader(await fetch("/api/v1/events", { headers }));
    assert.deepEqual(await resumed.take(1), [two]);
    await resumed.leave();
    const again = new SseReader(await fetch(`/api/v1/events?after=${since}`));
    assert.deepEqual(await again.take(2), [one, two]);
    await again.leave();
    // A client without a place to go on from sends an empty one.
    const empty = new SseReader(
      await fetch("/api/v1/events", { headers: { "last-event-id": "" } }),
    );
    await publishDag(fetch, dagOf("three"));
    assert.equal((await empty.next())?.data.dag_id, "three");
    await empty.leave();
  });
});

Deno.test("a follower of one scope is told of that scope only", async () => {
  await withApi(async (test) => {
    const token = await test.as(["viewer"], { scopes: ["project:abc"] });
    const stream = new SseReader(await test.fetch("/api/v1/events", { token }));
    await startDag(test.fetch, {
      ...failsAtOnce("hidden"),
      scope: { type: "project", project_id: "secret" },
    });
    await publishDag(test.fetch, dagOf("shown"));
    assert.equal((await stream.next())?.data.dag_id, "shown");
    await stream.leave();
  });
});

Deno.test("open streams don't keep a node from stopping, and close without an end", async () => {
  let streams: SseReader[] = [];
  await withApi(async (test) => {
    const { run_id } = await startDag(test.fetch, dagOf("open"));
    await test.worker.take();
    const authorization = `Bearer ${test.token}`;
    const paths = [
      "/api/v1/events",
      `/api/v1/runs/${run_id}/events`,
      `/api/v1/runs/${run_id}/logs`,
      `/api/v1/workers/${test.worker.id}/logs`,
    ];
    streams = await Promise.all(paths.map(async (path) =>
      new SseReader(
        await fetch(test.url + path, { headers: { authorization, accept: "text/event-stream" } }),
      )
    ));
    await streams[1]?.take(1);
  });
  // The node has stopped: `withApi` waits for its server with a deadline.
  for (const stream of streams) {
    const events = await within(stream.rest(), "the stream's end");
    assert.ok(!events.some(({ event }) => event === "end"), "a follower is to come back");
  }
});

Deno.test("a follower that went away leaves nothing behind", async () => {
  await withApi(async (test) => {
    const runId = await finishedRun(test, "gone");
    const stream = new SseReader(await test.fetch("/api/v1/events"));
    await stream.leave();
    await publishDag(test.fetch, dagOf("after"));
    assert.equal((await getJson(test.fetch, `/api/v1/runs/${runId}`)).status, "completed");
    assert.deepEqual(test.reports, []);
  });
});
