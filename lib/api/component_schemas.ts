/** The zod schemas of the API as JSON Schemas that refer to each other by name. */
import { z } from "zod";
import * as analysis from "../schema/analysis.ts";
import * as api from "../schema/api.ts";
import * as audit from "../schema/audit.ts";
import * as debt from "../schema/debt.ts";
import * as decision from "../schema/decision.ts";
import { DagSpec } from "../schema/dag_spec.ts";
import * as issued from "../schema/issued_task.ts";
import { dagSpecJsonSchema, issueJsonSchema, type JsonSchema } from "../schema/json_schema.ts";
import { Scope } from "../schema/scope.ts";
import { SecretBody, SecretList, SecretView } from "../schema/secret.ts";
import { DagDiff } from "../schema/spec_diff.ts";

const BODIES = /Body$/;
const PREFIX = "#/components/schemas/";

const NAMED: readonly (readonly [string, z.ZodType])[] = Object.entries<unknown>({
  ...api,
  ...analysis,
  ...audit,
  ...issued,
  ...decision,
  ...debt,
  DagDiff,
  DagSpec,
  Scope,
  SecretBody,
  SecretList,
  SecretView,
}).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);

const names = new Map<z.ZodType, string>(NAMED.map(([name, schema]) => [schema, name]));

/** Every named schema. Bodies are as they are sent, everything else as it is answered. */
export function componentSchemas(): Record<string, JsonSchema> {
  return {
    ...schemasOf((name) => !BODIES.test(name), "output"),
    ...schemasOf((name) => BODIES.test(name), "input"),
    DagDocument: withoutMeta(dagSpecJsonSchema()),
    IssueBody: withoutMeta(issueJsonSchema()),
  };
}

/** A reference to a named schema, or the schema itself where it has no name. */
export function schemaRef(schema: z.ZodType | "DagDocument" | "IssueBody"): JsonSchema {
  const name = typeof schema === "string" ? schema : names.get(schema);
  return name === undefined
    ? withoutMeta(z.toJSONSchema(schema as z.ZodType))
    : { $ref: PREFIX + name };
}

/** The schema itself, whole, for readers that don't follow references. */
export function inlineSchema(schema: z.ZodType | "DagDocument" | "IssueBody"): JsonSchema {
  if (schema === "DagDocument") return withoutMeta(dagSpecJsonSchema());
  if (schema === "IssueBody") return withoutMeta(issueJsonSchema());
  return withoutMeta(z.toJSONSchema(schema, { io: "input" }));
}

function schemasOf(
  wanted: (name: string) => boolean,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of NAMED) if (wanted(id)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => PREFIX + id });
  return Object.fromEntries(
    Object.entries(schemas).filter(([name]) => name !== "__shared")
      .map(([name, schema]) => [name, withoutMeta(schema)]),
  );
}

/**
 * A schema without what is said once for the whole document, and with "any JSON" written as `{}`:
 * zod spells that value out in recursive definitions, which say no more.
 */
function withoutMeta(schema: JsonSchema): JsonSchema {
  const { $schema: _schema, $id: _id, $defs: _defs, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest), (_key, value) => isRecursion(value) ? {} : value);
}

function isRecursion(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("$ref" in value)) return false;
  return String(value.$ref).includes("/$defs/");
}
