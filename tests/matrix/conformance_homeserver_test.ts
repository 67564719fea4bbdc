/** What every transport has to do, on a real homeserver. */
import { fakeRoomWorker } from "../helpers/fake_room_worker.ts";
import { freePort } from "../helpers/free_port.ts";
import { matrixConfig, signNodeIn } from "../helpers/matrix_node.ts";
import { startedNode } from "../helpers/started_node.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { CONFORMANCE } from "./conformance_suite.ts";

Deno.test("homeserver", async (t) => {
  await withSynapse(async (synapse) => {
    for (const [number, { name, test }] of CONFORMANCE.entries()) {
      await t.step(name, async () => {
        const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
        const options = {
          dataDir,
          // The same for both lives: workers are replaced where it differs.
          config: { ...matrixConfig(synapse), node_id: `n${number}`, port: freePort() },
        };
        await signNodeIn(synapse, dataDir, { name: `n${number}` });
        let node = await startedNode(options);
        try {
          await using worker = await fakeRoomWorker(node.node, "global");
          await test({
            ...node,
            worker,
            other: (scope) => fakeRoomWorker(node.node, scope),
            restart: async (whileAway) => {
              await node.stop();
              await whileAway?.();
              node = await startedNode(options);
              worker.node = node.node;
              worker.ready();
              await worker.settled();
              return node;
            },
          });
        } finally {
          await node.stop();
          await Deno.remove(dataDir, { recursive: true });
        }
      });
    }
  });
});
