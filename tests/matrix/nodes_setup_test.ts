/** From nothing to nodes that share a room, with the commands that a person types. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import { MatrixSettings } from "../../lib/config_matrix.ts";
import type { DoctorAnswer } from "../../lib/schema/machine_view.ts";
import { cli } from "../helpers/cli_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { type NodeProcess, startNode } from "../helpers/node_process.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

type Check = DoctorAnswer["checks"][number];

async function checkOf(node: NodeProcess, name: string): Promise<Check | undefined> {
  return dataOf(await node.client.doctor()).checks.find((check) => check.name === name);
}

/** Waits until the doctor of a node says something of that status. */
async function doctorSays(
  node: NodeProcess,
  { name, status }: { name: string; status: Check["status"] },
): Promise<Check> {
  return await eventually(async () => {
    const check = await checkOf(node, name);
    return check?.status === status ? check : undefined;
  }, `${name} is ${status}`);
}

Deno.test("nodes are let into the room that they share, seen there, and put out of it", async () => {
  await withSynapse(async (synapse) => {
    await withTempDir(async (dir) => {
      const secret = join(dir, "secret");
      await Deno.writeTextFile(secret, `${synapse.sharedSecret}\n`);
      const as = (id: string): { env: Record<string, string> } => ({
        env: { CIS_DATA_DIR: join(dir, id), CIS_NODE_ID: id },
      });
      const setUp = async (id: string): Promise<string> => {
        const flags = ["--homeserver", synapse.url, "--shared-secret-file", secret];
        const ended = await cli(["matrix", "setup", ...flags, "--nodes-room", "#team"], as(id));
        assert.equal(ended.code, 0, ended.err);
        assert.match(ended.out, /Nodes' room: #team:matrix\.test/);
        return ended.out;
      };
      const start = (id: string): Promise<NodeProcess> =>
        startNode(join(dir, id), {
          config: {
            node_id: id,
            matrix: MatrixSettings.parse({ homeserver: synapse.url, labels: { zone: id } }),
          },
        });

      assert.doesNotMatch(await setUp("node1"), /can't come in/);
      const said = /deno task (matrix admit node2 (@\S+))/.exec(await setUp("node2"));
      assert.ok(said?.[1] !== undefined && said[2] !== undefined);
      await using node1 = stopping(await start("node1"));
      await using node2 = stopping(await start("node2"));

      // One that nobody has let in says so, with what to do.
      const room = "homeserver nodes' room";
      const out = await doctorSays(node2.node, { name: room, status: "failed" });
      assert.match(out.advice ?? "", new RegExp(said[1]));
      assert.match(node2.node.output(), new RegExp(`this node may not come in.*${said[1]}`));
      assert.equal(await checkOf(node1.node, "nodes of the room"), undefined);

      // As it has been told: nothing else is needed on the other machine.
      const admitted = await cli(said[1].split(" "), as("node1"));
      assert.equal(admitted.code, 0, admitted.err);
      assert.match(admitted.out, new RegExp(`token bind ${said[2]} --role node --name node2`));
      const seen = await doctorSays(node1.node, { name: "nodes of the room", status: "ok" });
      assert.equal(seen.detail, "node2 zone=node2: there");
      assert.equal(
        (await doctorSays(node2.node, { name: room, status: "ok" })).detail,
        "nodes: node1, node2",
      );

      const list = await cli(["matrix", "nodes"], {
        env: { CIS_URL: node1.node.url, CIS_TOKEN: node1.node.token },
      });
      assert.equal(list.code, 0, list.err);
      assert.match(list.out, /node1 .*zone=node1 +this one/);
      assert.match(list.out, /node2 .*zone=node2 +\S+/);
      const [, other] = dataOf(await node1.node.client.nodes()).nodes;
      assert.deepEqual(
        [other?.node_id, other?.account, other?.is_this, other?.capabilities?.os],
        ["node2", said[2], false, "linux"],
      );
      assert.ok(Math.abs(Date.parse(other?.last_heard ?? "") - Date.now()) < 60_000);

      const dismissed = await cli(["matrix", "dismiss", "node2", "--json"], as("node1"));
      assert.equal(dismissed.code, 0, dismissed.err);
      assert.equal(JSON.parse(dismissed.out).user_id, said[2]);
      await doctorSays(node2.node, { name: room, status: "failed" });
      await eventually(
        async () => await checkOf(node1.node, "nodes of the room") === undefined,
        "node2 is forgotten",
      );
      assert.equal((await cli(["matrix", "dismiss", "node2"], as("node1"))).code, 3);
      assert.equal((await cli(["matrix", "admit", "node3", "node3"], as("node1"))).code, 2);
      const notOwn = await cli(["matrix", "admit", "node3", "@node3:matrix.test"], as("node3"));
      assert.notEqual(notOwn.code, 0);
      assert.match(notOwn.err, /shares no room with others/);
    });
  });
});

function stopping(node: NodeProcess): AsyncDisposable & { readonly node: NodeProcess } {
  return { node, [Symbol.asyncDispose]: () => node.killHard() };
}
