import assert from "node:assert/strict";
import { createClient, dataOf } from "../../lib/api/client.ts";
import { startDemoNode } from "../../lib/cli/demo_node.ts";

/** Runs `test` with the path of a module of this text. */
async function withModule(text: string, test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, text);
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("the demo's node answers, tells where to sign in, and leaves nothing behind", async () => {
  const node = await startDemoNode();
  const dataDir = node.tokenFile.replace(/\/owner\.token$/, "");
  try {
    const token = (await Deno.readTextFile(node.tokenFile)).trim();
    const client = createClient({ baseUrl: node.url, token });
    assert.equal(dataOf(await client.health()).service, "glm-api");
    assert.deepEqual(dataOf(await client.whoami()).roles, ["admin"]);
    assert.ok(node.links.some((line) => line.includes(`${node.url}/sign-in`)), node.links.join());
  } finally {
    await node.stop();
  }
  assert.equal(await exists(dataDir), false);
  assert.equal((await node.ended).code, 0);
});

Deno.test("a node that ends instead is an error with what it wrote, and its data is removed", async () => {
  const text =
    `console.log("data in " + Deno.args.at(-1)); console.error("cannot start"); Deno.exit(7);`;
  await withModule(text, async (path) => {
    const error = await startDemoNode(path).then(() => assert.fail("it started"), (error) => error);
    const [headline, ...lines] = String(error.message).split("\n");
    assert.equal(headline, "The node ended with exit code 7. It wrote:");
    assert.ok(lines.includes("cannot start"));
    const dataDir = /data in (.+)/.exec(error.message)?.[1] ?? assert.fail(error.message);
    assert.equal(await exists(dataDir), false);
  });
});

Deno.test("what the node writes later doesn't fill the pipe and stop it", async () => {
  const text = `console.log("ready on http://127.0.0.1:1");
    for (let i = 0; i < 5000; i++) console.log("x".repeat(100));
    console.log("done: http://127.0.0.1:1/later");`;
  await withModule(text, async (path) => {
    const node = await startDemoNode(path);
    assert.deepEqual(await node.ended, { code: 0, signal: null });
    await node.stop();
    assert.equal(node.url, "http://127.0.0.1:1");
  });
});
