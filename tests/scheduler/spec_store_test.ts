/** Versions are saved, loaded and deleted; what ran is not deleted. */
import assert from "node:assert/strict";
import { publishDag, startDag, withNode } from "../helpers/test_node.ts";
import { dagOf } from "../helpers/with_worker.ts";

const noop = (id: string): object => dagOf({ [id]: { type: "noop" } });

Deno.test("a version that never ran can be deleted, and its number given to other content", async () => {
  await withNode(async ({ node, fetch }) => {
    const { specs, db } = node;
    await publishDag(fetch, noop("old"));
    const row = specs.load("d", 1);
    assert.ok(row !== undefined);
    assert.equal(specs.specOf(row).tasks[0]?.id, "old");
    assert.ok(specs.policyOf("d", 1) !== null);
    assert.equal(await db.write(() => specs.delete("d", 2)), false);
    assert.equal(await db.write(() => specs.delete("d", 1)), true);
    assert.equal(specs.load("d", 1), undefined);
    assert.equal(specs.load("d"), undefined);
    assert.equal(specs.policyOf("d", 1), null);

    const { version } = await publishDag(fetch, noop("new"));
    assert.equal(version, 1);
    const again = specs.load("d", 1);
    assert.ok(again !== undefined);
    assert.equal(specs.specOf(again).tasks[0]?.id, "new", "nothing of the old one is remembered");
  });
});

Deno.test("a version that ran stays", async () => {
  await withNode(async ({ node, fetch }) => {
    const { run_id } = await startDag(fetch, noop("a"));
    assert.equal(await node.db.write(() => node.specs.delete("d", 1)), false);
    assert.equal(node.specs.load("d", 1)?.run_id, run_id);
  });
});
