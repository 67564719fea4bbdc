/** From nothing to a run over a homeserver, with the commands that a person types. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../helpers/cli_process.ts";
import { matrixConfig } from "../helpers/matrix_node.ts";
import { publishAndConfirm, startNode, waitForEnd } from "../helpers/node_process.ts";
import { type Synapse, SYNAPSE_PASSWORD, withSynapse } from "../helpers/synapse.ts";
import { dagOf } from "../helpers/with_worker.ts";

const DAG = dagOf({
  a: { type: "shell", command: 'echo "n=1" > "$CIS_OUTPUT"' },
  b: { type: "noop", depends_on: ["a"] },
}, { scope: { type: "project", project_id: "abc" } });

/** What a command finds: the node's data directory and name. */
function surroundings(dataDir: string, nodeId = "node1"): { env: Record<string, string> } {
  return { env: { CIS_DATA_DIR: dataDir, CIS_NODE_ID: nodeId } };
}

async function withDir(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function secretFile(dir: string, text: string): Promise<string> {
  const path = join(dir, "secret");
  await Deno.writeTextFile(path, `${text}\n`);
  return path;
}

/** Runs a DAG on a node process whose rooms are on the homeserver. */
async function runsOver(synapse: Synapse, dataDir: string): Promise<void> {
  const node = await startNode(dataDir, { config: matrixConfig(synapse) });
  try {
    const { run_id } = await publishAndConfirm(node.client, DAG);
    const run = await waitForEnd(node.client, run_id);
    assert.equal(run.status, "completed", node.output());
    assert.deepEqual(run.tasks[0]?.outputs, { n: "1" });
    assert.equal(await node.stop(), 0);
    assert.doesNotMatch(node.output(), /homeserver/);
  } finally {
    await node.stop();
  }
}

Deno.test("setting up a homeserver", async (t) => {
  await withSynapse(async (synapse) => {
    await t.step("an account is made by the shared secret, and a run goes over it", async () => {
      await withDir(async (dir) => {
        const file = await secretFile(dir, synapse.sharedSecret);
        const flags = ["--homeserver", synapse.url, "--shared-secret-file", file];
        const ended = await cli(["matrix", "setup", ...flags], surroundings(dir));
        assert.equal(ended.code, 0, ended.err);
        assert.match(ended.out, /Signed in as @cis-node1:matrix\.test/);
        assert.match(ended.out, /Next: name the homeserver in cis\.config\.json/);
        const path = join(dir, "matrix.json");
        assert.equal((await Deno.stat(path)).mode, 0o100600);
        assert.ok(!ended.out.includes(JSON.parse(await Deno.readTextFile(path)).access_token));
        await runsOver(synapse, dir);
        // Once more: it signs in anew and keeps its workers' accounts.
        const again = await cli(["matrix", "setup", ...flags], surroundings(dir));
        assert.equal(again.code, 0, again.err);
        await runsOver(synapse, dir);
      });
    });

    await t.step("the node uses an account that is there, and people are invited", async () => {
      await withDir(async (dir) => {
        const user = await synapse.register("existing");
        const guest = await synapse.register("guest");
        const password = join(dir, "password");
        await Deno.writeTextFile(password, SYNAPSE_PASSWORD("existing"));
        const ended = await cli([
          ...["matrix", "setup", "--json", "--homeserver", synapse.url],
          ...["--shared-secret-file", await secretFile(dir, synapse.sharedSecret)],
          ...["--user", "existing", "--password-file", password, "--invite", guest.user_id],
        ], surroundings(dir, "node2"));
        assert.equal(ended.code, 0, ended.err);
        const { user_id, control_room } = JSON.parse(ended.out);
        assert.equal(user_id, user.user_id);
        const path = `/join/${encodeURIComponent(control_room)}`;
        await synapse.call(guest, { method: "POST", path, body: {} });
      });
    });

    await t.step("what can't be is told in one line", async () => {
      await withDir(async (dir) => {
        const wrong = await secretFile(dir, "wrong");
        const refused = await cli(
          ["matrix", "setup", "--homeserver", synapse.url, "--shared-secret-file", wrong],
          surroundings(dir),
        );
        assert.equal(refused.code, 1);
        assert.match(refused.err, /^error: the homeserver answered 403/);
        const nobody = await cli(
          ["matrix", "setup", "--homeserver", "http://127.0.0.1:9", "--shared-secret-file", wrong],
          surroundings(dir),
        );
        assert.equal(nobody.code, 1);
        assert.match(nobody.err, /^error: the homeserver can't be reached/);
        const unsaid = await cli(
          ["matrix", "setup", "--homeserver", synapse.url],
          surroundings(dir),
        );
        assert.equal(unsaid.code, 2);
        assert.match(unsaid.err, /How are accounts for workers made\?/);
      });
    });
  });

  await t.step("accounts are made with a registration token", async () => {
    await withSynapse(async (synapse) => {
      await withDir(async (dir) => {
        const admin = await synapse.register("admin", { admin: true });
        const { token } = await synapse.newToken(admin);
        const ended = await cli([
          ...["matrix", "setup", "--homeserver", synapse.url],
          ...["--registration-token-file", await secretFile(dir, token)],
        ], surroundings(dir));
        assert.equal(ended.code, 0, ended.err);
        await runsOver(synapse, dir);
      });
    }, { settings: { enable_registration: true, registration_requires_token: true } });
  });
});
