import assert from "node:assert/strict";
import { z } from "zod";
import { DagDocument, DagSpec } from "../../lib/schema/dag_spec.ts";
import { dagSpecJsonSchema } from "../../lib/schema/json_schema.ts";

interface Node {
  properties?: Record<string, Node>;
  items?: Node;
  oneOf?: Node[];
  anyOf?: Node[];
  type?: unknown;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  required?: string[];
  additionalProperties?: unknown;
}

const schema = dagSpecJsonSchema() as Node;

Deno.test("the JSON Schema has every field, and requires what has no default", () => {
  assert.deepEqual(Object.keys(schema.properties ?? {}), Object.keys(DagDocument.shape));
  assert.deepEqual(schema.required, ["dag_id", "tasks"]);
  assert.equal(schema.additionalProperties, false);
  const tasks = schema.properties?.["tasks"]?.items?.oneOf ?? [];
  assert.deepEqual(
    tasks.map((task) => [task.properties?.["type"]?.const, ...task.required ?? []]),
    [
      ["shell", "id", "type", "command"],
      ["deno", "id", "type"],
      ["http", "id", "type", "request"],
      ["skill", "id", "type", "skill"],
      ["approval", "id", "type"],
      ["noop", "id", "type"],
    ],
  );
});

Deno.test("the JSON Schema describes what is written, not what comes out", () => {
  const task = schema.properties?.["tasks"]?.items?.oneOf?.[0];
  assert.deepEqual(task?.properties?.["timeout"]?.type, ["string", "number"]);
  const retry = task?.properties?.["retry"];
  assert.deepEqual(retry?.anyOf?.map(({ type }) => type), ["object", "integer"]);
  assert.ok(task?.properties?.["id"]?.pattern?.startsWith("^[A-Za-z0-9]"));
  assert.deepEqual(schema.properties?.["schedule"]?.anyOf?.map(({ type }) => type), [
    "object",
    "string",
  ]);
  assert.deepEqual(schema.properties?.["target_node"]?.anyOf?.map(({ type }) => type), [
    "string",
    "null",
  ]);
  assert.deepEqual(schema.properties?.["priority"]?.enum, ["low", "medium", "high", "urgent"]);
});

Deno.test("the JSON Schema stands alone", () => {
  assert.doesNotMatch(JSON.stringify(schema), /\$ref/);
});

Deno.test("the canonical spec has a JSON Schema too, for answers", () => {
  const output = z.toJSONSchema(DagSpec, { io: "output" }) as Node;
  assert.ok(output.required?.includes("scope") && output.required.includes("max_parallel"));
});
