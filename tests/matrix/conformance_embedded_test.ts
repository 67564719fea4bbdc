/** What every transport has to do, on the embedded one. */
import { fakeWorker } from "../helpers/fake_worker.ts";
import { freePort } from "../helpers/free_port.ts";
import { startedNode } from "../helpers/started_node.ts";
import { CONFORMANCE } from "./conformance_suite.ts";

for (const { name, test } of CONFORMANCE) {
  Deno.test(`embedded: ${name}`, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
    // The same for both lives: workers are replaced where it differs.
    const options = { dataDir, config: { port: freePort() } };
    let node = await startedNode(options);
    try {
      await using worker = await fakeWorker(node.node, "global");
      await test({
        ...node,
        worker,
        other: (scope) => fakeWorker(node.node, scope),
        restart: async (whileAway) => {
          await worker.disconnect();
          await node.stop();
          await whileAway?.();
          node = await startedNode(options);
          await worker.connect();
          return node;
        },
      });
    } finally {
      await node.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}
