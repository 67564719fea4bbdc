import assert from "node:assert/strict";
import { parseConfig, readConfigFile } from "../lib/config_file.ts";
import { configJsonSchema } from "../lib/config_schema.ts";
import { withNode } from "./helpers/test_node.ts";

const ROOT = new URL("../", import.meta.url);

Deno.test("cis.config.schema.json is what the settings are checked by", () => {
  const kept = JSON.parse(Deno.readTextFileSync(new URL("cis.config.schema.json", ROOT)));
  assert.deepEqual(
    kept,
    JSON.parse(JSON.stringify(configJsonSchema())),
    "make it anew: deno task schema",
  );
});

Deno.test("the repository's own settings name the schema and are accepted", () => {
  const path = new URL("cis.config.json", ROOT);
  const { $schema } = JSON.parse(Deno.readTextFileSync(path)) as { $schema: string };
  assert.ok(Deno.statSync(new URL($schema, path)).isFile);
  parseConfig(readConfigFile(path.pathname, { mustExist: true }));
});

Deno.test("the schema is served to whoever asks", async () => {
  await withNode(async ({ fetch }) => {
    const response = await fetch("/api/v1/config.schema.json", { token: null });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    const served = await response.json() as { properties: Record<string, unknown> };
    assert.ok("policy" in served.properties && "$schema" in served.properties);
  });
});
