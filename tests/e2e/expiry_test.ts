/** Confirmations run out for real: over HTTP, by the machine's clock, and across restarts. */
import assert from "node:assert/strict";
import { dataOf } from "../../lib/api/client.ts";
import { within } from "../helpers/deadline.ts";
import { type NodeProcess, startNode, withDeadline } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const DAG = { dag_id: "d", tasks: [{ id: "a", command: "true" }] };

/** Waits until the node says that the version has expired. */
async function expired({ client }: NodeProcess, after: string): Promise<void> {
  const stop = new AbortController();
  const told = (async () => {
    for await (
      const event of client.followEvents({ signal: stop.signal, lastEventId: after })
    ) if (event.type === "dag.expired" && event.dag_id === "d") return;
  })();
  try {
    await within(told, "the event dag.expired", 20_000);
  } finally {
    stop.abort();
  }
}

Deno.test("a confirm after the time is 410, and the status says why", async () => {
  await withTempDir(async (dataDir) => {
    const node = await startNode(dataDir, { config: { confirm_expire_sec: 1 } });
    try {
      const { spec_hash, expire_sec } = dataOf(await node.client.publish({ doc: DAG }));
      assert.equal(expire_sec, 1);
      await expired(node, "0");
      for (const body of [{}, { spec_hash }]) {
        const late = await node.client.confirm("d", body);
        assert.ok(!late.ok);
        assert.deepEqual([late.problem.status, late.problem.code], [410, "confirmation_expired"]);
      }
      const status = dataOf(await node.client.status("d"));
      assert.deepEqual([status.status, status.last_run], ["expired", null]);
      const again = dataOf(await node.client.publish({ doc: DAG }));
      assert.equal(again.version, 2, "published again it waits again");
    } finally {
      await node.stop();
    }
  });
});

Deno.test("the time goes on while the node is down, and a restart begins no new one", async () => {
  await withTempDir(async (dataDir) => {
    const config = { confirm_expire_sec: 2 };
    const first = await startNode(dataDir, { config });
    const published = dataOf(await first.client.publish({ doc: DAG }));
    await first.killHard();
    const second = await startNode(dataDir, { config: { confirm_expire_sec: 300 } });
    try {
      await expired(second, "0");
      assert.ok(Date.now() >= Date.parse(published.expires_at ?? ""), "not before its time");
      const late = await second.client.confirm("d", { spec_hash: published.spec_hash });
      assert.ok(!late.ok);
      assert.deepEqual([late.problem.status, late.problem.code], [410, "confirmation_expired"]);
      assert.equal(dataOf(await second.client.listRuns()).count, 0);
    } finally {
      await second.stop();
    }
  });
});

Deno.test("what still waits after a restart can be confirmed, and a rejection is still told", async () => {
  await withTempDir(async (dataDir) => {
    const first = await startNode(dataDir);
    const waiting = dataOf(await first.client.publish({ doc: DAG }));
    const doc = { ...DAG, dag_id: "rejected" };
    await first.client.publish({ doc });
    dataOf(await first.client.reject("rejected", { reason: "use staging" }));
    await first.killHard();
    const second = await startNode(dataDir);
    try {
      const status = dataOf(await second.client.status("rejected"));
      assert.deepEqual([status.status, status.reason], ["rejected", "use staging"]);
      const { spec_hash } = waiting;
      const confirmed = dataOf(await second.client.confirm("d", { spec_hash }));
      const again = dataOf(await second.client.confirm("d", { spec_hash }));
      assert.equal(again.run_id, confirmed.run_id);
    } finally {
      await second.stop();
    }
  });
});

Deno.test("SIGTERM ends a node to which streams are open", async () => {
  await withTempDir(async (dataDir) => {
    const node = await startNode(dataDir);
    const response = await fetch(`${node.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${node.token}` },
    });
    const reader = response.body?.getReader();
    await reader?.read();
    const code = await withDeadline(node.stop(), {
      ms: 20_000,
      what: () => `the node is still there:\n${node.output()}`,
    });
    assert.equal(code, 0, node.output());
    const end = await within(reader?.read() ?? Promise.reject(), "the stream's end");
    assert.equal(end.done, true);
  });
});
