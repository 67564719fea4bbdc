/** What the README tells to type for a first DAG, typed: against a node whose data are in `.cis`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startNode, waitForEnd } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
const [, CHAPTER = ""] = README.split("## The first DAG in a minute");
const BLOCKS = [...CHAPTER.matchAll(/```sh\n(.*?)```/gs)].map(([, text = ""]) => text);
const [TOKEN, ...CALLS] = BLOCKS.filter((text) => /TOKEN=|^curl/.test(text));

/** Types a call at a terminal in which the token was read; its address is that of the node. */
async function type(call: string, { cwd, url }: { cwd: string; url: string }): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-ec", `${TOKEN}${call.replace("http://localhost:6767", url)}`],
    env: { no_proxy: "*" },
    cwd,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("the README's calls work as they are written", async () => {
  await withTempDir(async (cwd) => {
    const node = await startNode(join(cwd, ".cis"));
    try {
      const [publish = "", confirm = "", status = "", ...others] = CALLS;
      assert.deepEqual(others, []);
      const at = { cwd, url: node.url };
      const published = JSON.parse(await type(publish, at));
      assert.equal(published.status, "waiting_confirmation");
      const { dag_id, run_id } = JSON.parse(await type(confirm, at));
      assert.equal(dag_id, published.dag_id);
      const { tasks } = await waitForEnd(node.client, run_id);
      assert.deepEqual(tasks.map((task) => task.outputs), [{ version: "1.2.3" }, null]);
      const seen = JSON.parse(await type(status, at));
      assert.deepEqual([seen.status, seen.last_run.run_id], ["completed", run_id]);
    } finally {
      await node.stop();
    }
  });
});
