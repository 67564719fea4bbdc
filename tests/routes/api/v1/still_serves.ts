/** That a node goes on as before, whatever it was sent. */
import assert from "node:assert/strict";
import { publishDag, type TestNode } from "../../../helpers/test_node.ts";
import { dagOf } from "./api_fixture.ts";

/** Nothing of what was sent was stored, taken for a defect, or left a trace in every object. */
export async function stillServes(
  { fetch, node, reports }: Pick<TestNode, "fetch" | "node" | "reports">,
): Promise<void> {
  assert.deepEqual(reports, [], "nothing of that was the node's own fault");
  assert.equal(node.specs.load("d"), undefined);
  assert.equal((await publishDag(fetch, dagOf("after"))).status, "waiting_confirmation");
  assert.equal(({} as Record<string, unknown>)["admin"], undefined);
}
