/**
 * A worker on a host that reaches nothing but the homeserver: it has its room, its token, and no way to
 * the node. From a published DAG over a person's ✅ in the room to the result.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import { MatrixSettings } from "../../lib/config_matrix.ts";
import type { Credentials } from "../../lib/matrix/credentials.ts";
import { cli, spawnCli } from "../helpers/cli_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { type NetNamespace, netNamespace, netNamespaceObstacle } from "../helpers/net_namespace.ts";
import { type NodeProcess, startNode, waitForEnd } from "../helpers/node_process.ts";
import { type RoomPerson, roomPerson } from "../helpers/room_person.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { startRemote } from "../helpers/two_machines.ts";
import { dagOf } from "../helpers/with_worker.ts";

/** The address of the homeserver as the other host knows it. */
function urlAt({ url }: Synapse, host: NetNamespace): string {
  return `http://${host.outside}:${new URL(url).port}`;
}

/** Gives the node its account and room, with a person in it who may approve, and starts it. */
async function withHome(
  synapse: Synapse,
  dataDir: string,
  use: (home: { readonly node: NodeProcess; readonly alice: RoomPerson }) => Promise<void>,
): Promise<void> {
  const alice = await synapse.register("alice");
  const secret = join(dataDir, "secret");
  await Deno.writeTextFile(secret, synapse.sharedSecret);
  const env = { CIS_DATA_DIR: dataDir, CIS_NODE_ID: "home" };
  const flags = ["--homeserver", synapse.url, "--shared-secret-file", secret];
  const ended = await cli(["matrix", "setup", ...flags, "--invite", alice.user_id], { env });
  assert.equal(ended.code, 0, ended.err);
  const account = JSON.parse(await Deno.readTextFile(join(dataDir, "matrix.json"))) as Credentials;
  const matrix = MatrixSettings.parse({
    homeserver: synapse.url,
    scopes: [],
    elsewhere: ["project:far"],
  });
  const node = await startNode(dataDir, { config: { node_id: "home", matrix } });
  try {
    const bind = ["token", "bind", alice.user_id, "--role", "approver"];
    const bound = await cli(bind, { env: { ...env, CIS_URL: node.url } });
    assert.equal(bound.code, 0, bound.err);
    await use({ node, alice: await roomPerson(synapse, alice, account.control_room ?? "") });
  } finally {
    await node.stop();
  }
}

/** What goes before a command on the other host: the home's files are not there. */
function farAway({ prefix }: NetNamespace, home: string): string[] {
  return [...prefix, "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', home];
}

Deno.test("a worker on another host works with nothing but its room and token", async () => {
  const obstacle = await netNamespaceObstacle();
  if (obstacle !== undefined) {
    const told = `not run, as there is no other host to test with: ${obstacle}`;
    if (Deno.env.get("CI") === "true") throw new Error(told);
    return void Deno.stderr.writeSync(new TextEncoder().encode(`${told}\n`));
  }
  await using host = await netNamespace();
  await withSynapse((synapse) =>
    withTempDir((home) =>
      withTempDir(async (far) => {
        await withHome(synapse, home, async ({ node, alice }) => {
          const token = join(home, "worker-project-far.room-token");
          await eventually(() => Deno.stat(token).then(() => true, () => false), "the token");
          await Deno.copyFile(token, join(far, "token"));
          await Deno.writeTextFile(join(far, "cis.config.json"), "{}");
          const before = farAway(host, home);

          // The node can't be reached from there, by its address or by its files.
          const status = spawnCli(["status"], { env: { CIS_URL: node.url }, before });
          await status.stdin.close();
          assert.notEqual((await status.output()).code, 0);
          const files = await new Deno.Command(before[0] ?? "", {
            args: [...before.slice(1), "ls", "-A", home],
          }).output();
          assert.deepEqual([files.code, files.stdout.length], [0, 0]);

          await using worker = startRemote({ url: urlAt(synapse, host) }, far, before);
          const script = "export default ({inputs}) => ({ twice: Number(inputs.count.n) * 2 })";
          const dag = dagOf({
            where: { type: "shell", command: 'ls /sys/class/net | sort | tr "\\n" " "' },
            count: { type: "shell", command: 'pwd; echo n=21 > "$CIS_OUTPUT"' },
            twice: { type: "deno", script, depends_on: ["count"] },
            done: { type: "noop", depends_on: ["where", "twice"] },
          }, { scope: { type: "project", project_id: "far" }, dag_id: "story" });
          const { spec_hash } = dataOf(await node.client.publish({ doc: dag }));
          const announced = await alice.sees(/story, version 1: waits for a yes/);
          assert.match(announced.body, new RegExp(spec_hash));
          await alice.react(announced.event_id, "✅");
          await alice.sees(/story, version 1: confirmed by @alice/);
          const { run_id } = dataOf(await node.client.getDag("story"));
          const run = await waitForEnd(node.client, run_id ?? "");
          assert.equal(run.status, "completed", `${JSON.stringify(run)} ${worker.output()}`);
          assert.deepEqual(run.tasks.find(({ task_id }) => task_id === "twice")?.outputs, {
            twice: 42,
          });
          assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1));
          const { lines } = dataOf(await node.client.runLogs(run.run_id));
          const said = lines.map(({ text }) => text);
          assert.ok(said.includes(join(far, "data", "workspaces", "project-far")), said.join());
          await alice.sees(/story completed, 4 of 4 tasks done/, { thread: announced.event_id });
        });
      })
    ), { addresses: [host.outside] });
});
