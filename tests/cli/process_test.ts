/** The real program as a process: what only shows there. */
import assert from "node:assert/strict";
import { json } from "../api/fake_fetch.ts";
import { cli, freePort } from "../helpers/cli_process.ts";

Deno.test("--help goes to stdout and exits with 0", async () => {
  const { code, out, err } = await cli(["dag", "--help"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Usage: deno task dag \[options\] \[command\]/);
});

Deno.test("bad usage goes to stderr and exits with 2", async () => {
  const { code, out, err } = await cli(["dag", "lsit"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /Did you mean list\?/);
});

Deno.test("a node that is away exits with 6", async () => {
  const { code, err } = await cli(["dag", "list"], {
    env: { CIS_URL: `http://127.0.0.1:${freePort()}` },
  });
  assert.equal(code, 6);
  assert.match(err, /deno task start/);
});

Deno.test("address and token of the environment are used; stdin is published as it comes", async () => {
  const asked = Promise.withResolvers<[string, string | null, string | null, string]>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const { headers } = request;
      const body = await request.text();
      asked.resolve([pathname, headers.get("authorization"), headers.get("content-type"), body]);
      return json({ dag_id: "a" });
    },
  );
  try {
    const env = { CIS_URL: `http://127.0.0.1:${server.addr.port}`, CIS_TOKEN: "secret" };
    const { code, out } = await cli(["dag", "validate", "-", "--json"], {
      env,
      stdin: "dag_id: ü\n",
    });
    assert.deepEqual([code, JSON.parse(out)], [0, { dag_id: "a" }]);
    assert.deepEqual(await asked.promise, [
      "/api/v1/dag/validate",
      "Bearer secret",
      null,
      "dag_id: ü\n",
    ]);
  } finally {
    await server.shutdown();
  }
});

Deno.test("the data directory tells address and token of the node on this machine", async () => {
  const dataDir = await Deno.makeTempDir();
  const seen = Promise.withResolvers<string | null>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    seen.resolve(request.headers.get("authorization"));
    return json({ count: 0, pending: [] });
  });
  try {
    await Deno.writeTextFile(`${dataDir}/owner.token`, "did:cis:node1:owner\n");
    await Deno.writeTextFile(`${dataDir}/node.url`, `http://127.0.0.1:${server.addr.port}\n`);
    const { code } = await cli(["dag", "pending"], { env: { CIS_DATA_DIR: dataDir } });
    assert.equal(code, 0);
    assert.equal(await seen.promise, "Bearer did:cis:node1:owner");
  } finally {
    await server.shutdown();
    await Deno.remove(dataDir, { recursive: true });
  }
});
