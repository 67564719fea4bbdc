/** Several real nodes that share a room on a real homeserver: who gets a run, and who gets it next. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { RunView } from "../../lib/schema/api.ts";
import { publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";
import { RoomFleet, type RoomFleetOptions } from "../helpers/room_fleet.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";

const SCOPE = { type: "project", project_id: "p" };

async function withFleet(
  synapse: Synapse,
  use: (fleet: RoomFleet, marks: string) => Promise<void>,
  options: RoomFleetOptions & { readonly ids?: readonly string[] } = {},
): Promise<void> {
  const marks = await Deno.makeTempDir({ prefix: "cis-marks-" });
  try {
    await using fleet = await RoomFleet.start(
      synapse,
      options.ids ?? ["node1", "node2", "node3"],
      options,
    );
    await use(fleet, marks);
  } finally {
    await Deno.remove(marks, { recursive: true });
  }
}

async function runOf(client: Client, runId: string): Promise<RunView> {
  return dataOf(await client.getRun(runId));
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).trim().split("\n").filter((line) => line !== "");
  } catch {
    // Nobody has been there yet.
    return [];
  }
}

Deno.test("nodes that share a room", async (t) => {
  await withSynapse(async (synapse) => {
    await withFleet(synapse, async (fleet, marks) => {
      await t.step("a run for a node reaches it by the room, and is shown as it is there", async () => {
        const { client } = fleet.get("node1");
        const { run_id } = await publishAndConfirm(client, {
          dag_id: "there",
          scope: SCOPE,
          target_node: "node2",
          tasks: [
            { id: "a", command: `echo ran >> ${join(marks, "a")}; echo who=me >> $CIS_OUTPUT` },
            {
              id: "b",
              depends_on: ["a"],
              command: `echo "ran $CIS_INPUT_A_WHO" >> ${join(marks, "b")}`,
            },
          ],
        });
        const run = await waitForEnd(client, run_id);
        assert.equal(run.status, "completed", run.error ?? "");
        assert.equal(run.node_id, "node2");
        assert.deepEqual(await linesOf(join(marks, "a")), ["ran"]);
        assert.deepEqual(await linesOf(join(marks, "b")), ["ran me"]);
        assert.deepEqual(run.tasks[0]?.outputs, { who: "me" });
        const there = await runOf(fleet.get("node2").client, run_id);
        assert.deepEqual(
          run.tasks.map(({ waiting: _, ...task }) => task),
          there.tasks.map(({ waiting: _, ...task }) => task),
        );
        assert.equal((await fleet.get("node3").client.getRun(run_id)).ok, false);
      });
    });
  });
});
