import { z } from "zod";
import { DagDocument } from "./dag_spec.ts";
import { ISSUE_DAG_FIELDS } from "./issued_task.ts";
import { MAX_ATTEMPTS, RetryFields } from "./retry.ts";
import { Schedule } from "./schedule.ts";

/** A JSON Schema document, draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The JSON Schema of a DAG as people and tools write it, in canonical spelling. It
 * describes shapes; how tasks hang together only the parser can tell.
 */
export function dagSpecJsonSchema(): JsonSchema {
  return z.toJSONSchema(DagDocument, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === Schedule) allow(jsonSchema, { type: "string", description: "cron" });
      if (zodSchema === RetryFields) allow(jsonSchema, RETRIES);
      if (zodSchema === DagDocument.shape.target_node) allow(jsonSchema, { type: "null" });
    },
  });
}

/**
 * The JSON Schema of a task that is issued by itself: a task of any type, whose id may be left out,
 * with the fields of the DAG around it.
 */
export function issueJsonSchema(): JsonSchema {
  const { properties = {} } = dagSpecJsonSchema();
  const variants = (properties["tasks"] as { items: { oneOf: JsonSchema[] } }).items.oneOf;
  const ofDag = Object.fromEntries(ISSUE_DAG_FIELDS.map((name) => [name, properties[name] ?? {}]));
  return {
    type: "object",
    oneOf: variants.map((variant) => ({
      ...variant,
      properties: { ...variant.properties, ...ofDag },
      required: variant.required?.filter((name) => name !== "id") ?? [],
    })),
  };
}

/** The short form of a retry policy. */
const RETRIES: JsonSchema = {
  type: "integer",
  minimum: 0,
  maximum: MAX_ATTEMPTS - 1,
  description: "Retries after the first attempt",
};

/** Lets a schema match another one as well. */
function allow(schema: z.core.JSONSchema.BaseSchema, other: JsonSchema): void {
  const own = { ...schema };
  for (const key of Object.keys(schema)) delete schema[key];
  schema.anyOf = [own, other];
}
