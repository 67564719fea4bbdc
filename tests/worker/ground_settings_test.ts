import assert from "node:assert/strict";
import { join } from "node:path";
import { addressesOf, groundPaths } from "../../lib/worker/ground_settings.ts";

const place = { data_dir: "/srv/.cis", workspaces: {} };

Deno.test("the node's addresses: where it listens, and its public one", () => {
  const at = (host: string, public_url?: string): string[] =>
    addressesOf({ ...place, address: { host, port: 1234 }, public_url })
      .map(({ host, port }) => `${host}:${port}`);
  assert.deepEqual(at("127.0.0.1"), ["127.0.0.1:1234"]);
  assert.deepEqual(at("::1", "https://dags.example.org/x"), [
    "[::1]:1234",
    "dags.example.org:443",
  ]);
  assert.ok(at("0.0.0.0").includes("127.0.0.1:1234"), "every address of the machine");
  assert.deepEqual(addressesOf({ ...place, address: { host: "127.0.0.1", port: 0 } }), []);
});

Deno.test("directories count under their real names too, also through a workspace that is a link", () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "cis-ground-" }));
  try {
    const real = join(root, "project/.cis");
    Deno.mkdirSync(real, { recursive: true });
    Deno.symlinkSync(join(root, "project"), join(root, "link"));
    const data_dir = join(root, "link/.cis");
    const { dataDirs, workspaces } = groundPaths({
      address: { host: "127.0.0.1", port: 1 },
      data_dir,
      workspaces: { "project:a": join(root, "link"), "project:b": join(root, "new") },
    });
    assert.deepEqual([...dataDirs].sort(), [data_dir, real].sort());
    assert.deepEqual(workspaces, [join(root, "link"), join(root, "project"), join(root, "new")]);
    const other = groundPaths({
      address: { host: "127.0.0.1", port: 1 },
      data_dir: real,
      workspaces: { "project:a": join(root, "link") },
    });
    assert.ok(other.dataDirs.includes(join(root, "link/.cis")));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
