/**
 * Endpoints as functions that a language model can call. Deciding is not among them: a confirmation
 * is a person's.
 */
import { z } from "zod";
import type { JsonSchema } from "../schema/json_schema.ts";
import { inlineSchema } from "./component_schemas.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

/** A function as models are told of it, and how to carry it out. */
export interface Tool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonSchema;
  };
  /** The request that a call becomes. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly path_parameters: readonly string[];
    readonly query_parameters: readonly string[];
    /** Whether all other arguments together are the JSON body. */
    readonly has_body: boolean;
    readonly role: string | null;
  };
}

/** GET /api/v1/tools.json. */
export interface ToolList {
  readonly count: number;
  readonly tools: readonly Tool[];
}

/** All tools. */
export function toolList(): ToolList {
  const tools = OPERATIONS.flatMap((operation) => {
    const { tool } = operation;
    return tool === undefined ? [] : [toolOf(operation, tool)];
  });
  return { count: tools.length, tools };
}

function toolOf(operation: Operation, description: string): Tool {
  const { id: name, method, path, query = {}, role, body } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = ""]) => parameter);
  // A body that names the DAG itself leaves the query nothing to say.
  const inQuery = body === undefined ? Object.keys(query) : [];
  return {
    type: "function",
    function: { name, description, parameters: parametersOf(operation, { inPath, inQuery }) },
    request: {
      method,
      path,
      path_parameters: inPath,
      query_parameters: inQuery,
      has_body: body !== undefined,
      role,
    },
  };
}

function parametersOf(
  { query = {}, body }: Operation,
  { inPath, inQuery }: { inPath: readonly string[]; inQuery: readonly string[] },
): JsonSchema {
  if (body !== undefined) return inlineSchema(body);
  const properties: Record<string, JsonSchema> = {};
  for (const name of inPath) properties[name] = { type: "string" };
  for (const name of inQuery) {
    const { $schema: _, ...schema } = z.toJSONSchema(query[name] ?? z.string());
    properties[name] = schema;
  }
  return { type: "object", properties, required: [...inPath], additionalProperties: false };
}
