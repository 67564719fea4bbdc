/** People in a node's control room on a real homeserver: from publishing to the end of a run. */
import assert from "node:assert/strict";
import { type Client, dataOf } from "../../lib/api/client.ts";
import { Database } from "../../lib/db/database.ts";
import type { Credentials } from "../../lib/matrix/credentials.ts";
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
  readonly room: string;
  /** The node's own. */
  readonly account: Credentials;
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
    const account = JSON.parse(await Deno.readTextFile(`${dataDir}/matrix.json`)) as Credentials;
    const room = account.control_room ?? "";
    const config = { ...matrixConfig(synapse), confirm_expire_sec: 120 };
    const port = freePort();
    const start = (): Promise<NodeProcess> => startNode(dataDir, { config, port });
    const place: Place = {
      dataDir,
      room,
      account,
      start,
      node: await start(),
      alice: await roomPerson(synapse, alice, room),
      mallory: await roomPerson(synapse, mallory, room),
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

/** Ends the node. @returns how far it had come in what the homeserver tells */
async function stopped({ node, dataDir }: Place): Promise<string> {
  assert.equal(await node.stop(), 0);
  using db = new Database(`${dataDir}/cis.db`);
  return db.get<{ token: string }>("SELECT token FROM matrix_sync")?.token ?? "";
}

/** Lets the node's next life be told again what came after that. */
function rewind(dataDir: string, token: string): void {
  using db = new Database(`${dataDir}/cis.db`);
  db.writeNow(() => db.run("UPDATE matrix_sync SET token = ?", token));
}

/** How much has been done so far. */
async function countOf(client: Client): Promise<number[]> {
  const { runs } = dataOf(await client.listRuns({ limit: 100 }));
  const { entries } = dataOf(await client.audit({ limit: 100 }));
  return [runs.length, entries.length];
}

async function publish(client: Client, dag: object): Promise<string> {
  return dataOf(await client.publish({ doc: dag })).spec_hash;
}

Deno.test("people in the control room", async (t) => {
  await withSynapse((synapse) =>
    withPeople(synapse, async (place) => {
      const { alice, mallory } = place;

      await t.step("what is published is announced, and ✅ of who is bound runs it", async () => {
        const dag = dagOf({
          build: { type: "shell", command: "echo built" },
          check: { type: "noop", depends_on: ["build"] },
        }, { ...SCOPE, dag_id: "story", description: "a <b>story</b>" });
        const hash = await publish(place.node.client, dag);
        const announced = await alice.sees(/story, version 1: waits for a yes/);
        assert.match(announced.body, new RegExp(hash));
        assert.match(announced.body, /• build shell echo built\n• check noop, after build/);
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

      await t.step("who isn't bound changes nothing, and is told once", async () => {
        await publish(place.node.client, dagOf({ a: [] }, { ...SCOPE, dag_id: "guarded" }));
        const announced = await mallory.sees(/guarded, version 1: waits/);
        await mallory.react(announced.event_id, "✅");
        await mallory.sees(/@mallory.*is nobody to this node yet/);
        await mallory.say("!dag confirm guarded");
        // What comes after it in the room has been dealt with after it.
        await alice.say("!dag status guarded");
        await alice.sees(/guarded version 1 is waiting confirmation/);
        const told = (await mallory.read()).filter(({ body }) => /is nobody to/.test(body));
        assert.equal(told.length, 1);
      });

      await t.step("❌ asks why, and the reason refuses it", async () => {
        const announced = await alice.sees(/guarded, version 1: waits/);
        await alice.react(announced.event_id, "❌");
        await alice.sees(/why\?/, { thread: announced.event_id });
        await alice.sayIn(announced.event_id, "not on a Friday");
        await alice.sees(/guarded, version 1: rejected by @alice.*: not on a Friday/);
        const { reason } = dataOf(await place.node.client.status("guarded"));
        assert.equal(reason, "not on a Friday");
      });

      await t.step("an outdated announcement, and a wrong hash, confirm nothing", async () => {
        const first = { ...SCOPE, dag_id: "changed", description: "first" };
        await publish(place.node.client, dagOf({ a: [] }, first));
        const old = await alice.sees(/changed, version 1: waits/);
        const hash = await publish(
          place.node.client,
          dagOf({ a: [] }, { ...first, description: "second" }),
        );
        await alice.sees(/changed, version 2: waits/);
        await alice.react(old.event_id, "✅");
        await alice.sees(/⚠ .* is not what waits: version 2/, { thread: old.event_id });
        const wrong = await alice.say(`!dag confirm changed ${hash.replace(/./, "x")}`);
        await alice.sees(/⚠ .* is not what waits: version 2/, { thread: wrong });
        const right = await alice.say(`!dag confirm changed ${hash}`);
        await alice.sees(/Version 2 of changed is confirmed/, { thread: right });
      });

      await t.step("a restart in between loses nothing and doubles nothing", async () => {
        const { client } = place.node;
        const sleeper = dagOf({ a: { type: "shell", command: "sleep 600" } }, SCOPE);
        await publish(client, { ...sleeper, dag_id: "slow" });
        for (const dag_id of ["while-away", "taken-back", "edited"]) {
          await publish(client, dagOf({ a: [] }, { ...SCOPE, dag_id }));
        }
        const [slow, away, back] = await Promise.all(
          ["slow", "while-away", "taken-back"].map((id) =>
            alice.sees(new RegExp(`${id}, version 1: waits`))
          ),
        );
        await alice.react(slow?.event_id ?? "", "✅");
        await alice.sees(/slow running, 0 of 1/);
        const { run_id } = dataOf(await client.getDag("slow"));
        const before = await stopped(place);
        await alice.react(away?.event_id ?? "", "✅");
        await alice.redact(await alice.react(back?.event_id ?? "", "✅"));
        const said = await alice.say("good morning");
        await alice.edit(said, "!dag confirm edited");
        const cancel = await alice.say(`!dag cancel ${run_id}`);
        place.node = await place.start();
        await alice.sees(/while-away, version 1: confirmed by @alice/);
        await alice.sees(/The run .* is cancelled/, { thread: cancel });
        for (const id of ["taken-back", "edited"]) {
          const { version_status } = dataOf(await place.node.client.status(id));
          assert.equal(version_status, "waiting_confirmation");
        }
        await alice.sees(/while-away completed/);

        // Another life that is told all of it again, as after a crash.
        const counted = await countOf(place.node.client);
        const messages = (await alice.read()).length;
        await stopped(place);
        rewind(place.dataDir, before);
        place.node = await place.start();
        const last = await alice.say("!worker status");
        await alice.sees(/worker-project-abc|No worker is there/, { thread: last });
        assert.deepEqual(await countOf(place.node.client), counted);
        assert.equal((await alice.read()).length, messages + 2);
      });

      await t.step(
        "decisions about tasks are answered, and voted on, where they are asked",
        async () => {
          const { client } = place.node;
          const bob = await synapse.register("bob");
          await synapse.call(place.account, {
            method: "POST",
            path: `/rooms/${encodeURIComponent(place.room)}/invite`,
            body: { user_id: bob.user_id },
          });
          const robert = await roomPerson(synapse, bob, place.room);
          dataOf(await client.bindToken({ user_id: robert.user_id, roles: ["approver"] }));
          const people = [alice.user_id, robert.user_id];
          const dag = dagOf({
            gate: { type: "approval" },
            both: {
              type: "noop",
              depends_on: ["gate"],
              level: { type: "arbitrated", stakeholders: people, threshold: 2 },
            },
          }, { ...SCOPE, dag_id: "asked" });
          await publish(client, dag);
          await alice.react((await alice.sees(/asked, version 1: waits/)).event_id, "✅");
          const gate = await alice.sees(/gate of asked: to be decided/);
          await alice.react(gate.event_id, "✅");
          const edited = await alice.sees(/gate of asked: approved by @alice/);
          assert.equal(edited.event_id, gate.event_id);
          const vote = await alice.sees(/both of asked: to be decided/);
          assert.match(vote.body, /2 of @alice:.*, @bob:.* have to agree/);
          await alice.react(vote.event_id, "✅");
          await alice.sees(/✅ @alice/);
          await robert.react(vote.event_id, "✅");
          await alice.sees(/both of asked: approved: @alice.*, @bob.* agreed/);
          await alice.sees(/asked completed, 2 of 2/);
        },
      );

      await t.step("the doctor tells of a room that nobody can be heard in", async () => {
        const look = async (): Promise<string | undefined> => {
          const { checks } = dataOf(await place.node.client.doctor());
          return checks.find(({ name }) => name === "homeserver control room")?.status;
        };
        assert.equal(await look(), "ok");
        await synapse.call(place.account, {
          method: "PUT",
          path: `/rooms/${encodeURIComponent(place.room)}/state/m.room.encryption/`,
          body: { algorithm: "m.megolm.v1.aes-sha2" },
        });
        assert.equal(await look(), "failed");
      });
    })
  );
});
