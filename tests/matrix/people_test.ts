/** People in a node's control room on a real homeserver: from publishing to the end of a run. */
import assert from "node:assert/strict";
import { type Client, dataOf } from "../../lib/api/client.ts";
import { cli } from "../helpers/cli_process.ts";
import { matrixConfig } from "../helpers/matrix_node.ts";
import { freePort } from "../helpers/free_port.ts";
import { type NodeProcess, startNode, waitForEnd } from "../helpers/node_process.ts";
import { type RoomPerson, roomPerson } from "../helpers/room_person.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";
import { dagOf } from "../helpers/with_worker.ts";

const SCOPE = { scope: { type: "project", project_id: "abc" } };

/** A node with a control room, its people, and what starts it again. */
interface Place {
  node: NodeProcess;
  readonly alice: RoomPerson;
  readonly mallory: RoomPerson;
  readonly dataDir: string;
  readonly start: () => Promise<NodeProcess>;
}

async function withPeople(synapse: Synapse, use: (place: Place) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    const [alice, mallory] = [await synapse.register("alice"), await synapse.register("mallory")];
    const secret = `${dataDir}/secret`;
    await Deno.writeTextFile(secret, synapse.sharedSecret);
    const flags = ["--homeserver", synapse.url, "--shared-secret-file", secret];
    const env = { CIS_DATA_DIR: dataDir, CIS_NODE_ID: "node1" };
    const invited = ["--invite", alice.user_id, "--invite", mallory.user_id];
    const ended = await cli(["matrix", "setup", ...flags, ...invited], { env });
    assert.equal(ended.code, 0, ended.err);
    const { control_room } = JSON.parse(await Deno.readTextFile(`${dataDir}/matrix.json`));
    const config = { ...matrixConfig(synapse), confirm_expire_sec: 120 };
    const port = freePort();
    const start = (): Promise<NodeProcess> => startNode(dataDir, { config, port });
    const place: Place = {
      dataDir,
      start,
      node: await start(),
      alice: await roomPerson(synapse, alice, control_room),
      mallory: await roomPerson(synapse, mallory, control_room),
    };
    try {
      const bound = await cli(["token", "bind", alice.user_id, "--role", "approver"], {
        env: { ...env, CIS_URL: place.node.url },
      });
      assert.equal(bound.code, 0, bound.err);
      await use(place);
    } finally {
      await place.node.stop();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function publish(client: Client, dag: object): Promise<string> {
  return dataOf(await client.publish({ doc: dag })).spec_hash;
}

Deno.test("people in the control room", async (t) => {
  await withSynapse((synapse) =>
    withPeople(synapse, async (place) => {
      const { alice } = place;

      await t.step("what is published is announced, and ✅ of who is bound runs it", async () => {
        const dag = dagOf({
          build: { type: "shell", command: "echo built" },
          check: { type: "noop", depends_on: ["build"] },
        }, { ...SCOPE, dag_id: "story", description: "a <b>story</b>" });
        const hash = await publish(place.node.client, dag);
        const announced = await alice.sees(/story, version 1: waits for a yes/);
        assert.match(announced.body, new RegExp(hash));
        assert.match(announced.body, /build, check/);
        assert.match(announced.body, /runs: /);
        assert.match(announced.html, /a &lt;b&gt;story&lt;\/b&gt;/);
        assert.equal(announced.thread, undefined);

        await alice.react(announced.event_id, "✅");
        const confirmed = await alice.sees(/story, version 1: confirmed by @alice/);
        assert.equal(confirmed.event_id, announced.event_id);
        const { run_id } = dataOf(await place.node.client.getDag("story"));
        const run = await waitForEnd(place.node.client, run_id ?? "");
        assert.equal(run.status, "completed");
        assert.equal(run.confirmed_by, alice.user_id);
        const told = await alice.sees(/story completed, 2 of 2 tasks done/, {
          thread: announced.event_id,
        });
        assert.match(told.body, new RegExp(run_id ?? "no run"));
        const { entries } = dataOf(await place.node.client.audit({ action: "dag.confirm" }));
        assert.equal(entries[0]?.token_name, alice.user_id);
      });
    })
  );
});
