/** The API as an OpenAPI 3.1 document, made from the schemas that the endpoints themselves use. */
import { z } from "zod";
import { type ErrorCode, ERRORS } from "../errors.ts";
import { VERSION } from "../version.ts";
import { componentSchemas, schemaRef } from "./component_schemas.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

type Json = Record<string, unknown>;

/** Codes that any request with a token may get. */
const COMMON: readonly ErrorCode[] = [
  "unauthenticated",
  "forbidden",
  "scope_not_allowed",
  "invalid_request",
  "not_ready",
];
/** Codes that any request with a body may get beside these. */
const COMMON_WITH_BODY: readonly ErrorCode[] = [
  "invalid_json",
  "body_too_large",
  "unsupported_media_type",
  "idempotency_conflict",
];

/**
 * The document.
 * @param serverUrl where the node is reached
 */
export function openApiDocument(serverUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "GLM API",
      version: VERSION,
      description: "Publish DAGs of tasks, confirm exactly their content, follow their runs.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: serverUrl }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "did:cis:{node_id}:{secret}",
        },
      },
      schemas: componentSchemas(),
    },
  };
}

function describeOperation(operation: Operation): Json {
  const { id, role, summary, body } = operation;
  return {
    operationId: id,
    summary,
    tags: [tagOf(operation)],
    ...(role === null
      ? { security: [] }
      : { description: `Role: \`${role}\`.`, "x-cis-role": role }),
    parameters: parametersOf(operation),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: { ...success(operation), ...failures(operation) },
  };
}

function tagOf({ path }: Operation): string {
  const [, , , area = "node"] = path.split("/");
  const known: Record<string, string> = { pending: "dag", tasks: "task" };
  const areas = ["dag", "runs", "task", "workers", "tokens", "secrets"];
  const tag = known[area] ?? area;
  return areas.includes(tag) ? tag : "node";
}

function parametersOf({ method, path, query = {}, secretBody }: Operation): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => {
    const { $schema: _, description, ...rest } = z.toJSONSchema(schema);
    return { name, in: "query", required: false, description, schema: rest };
  });
  const key = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "The same request under the same key is done once",
    schema: { type: "string", maxLength: 255 },
  };
  return [...inPath, ...inQuery, ...(method === "GET" || secretBody === true ? [] : [key])];
}

function requestBody(body: NonNullable<Operation["body"]>): Json {
  const schema = schemaRef(body);
  const types = body === "DagDocument"
    ? ["application/json", "application/yaml", "application/toml"]
    : ["application/json"];
  return {
    required: typeof body === "string" || !body.safeParse({}).success,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}

function success({ answer, status = 200, alsoAs = [] }: Operation): Json {
  const text = { schema: { type: "string" } };
  const content: Record<string, Json> = typeof answer === "string"
    ? { [answer]: text }
    : { "application/json": { schema: schemaRef(answer) } };
  for (const type of alsoAs) content[type] = text;
  return { [status]: { description: "Done", content } };
}

/** One entry for each status, with the codes that it can mean. */
function failures({ role, method, errors = [] }: Operation): Json {
  const codes = [
    ...(role === null ? [] : COMMON),
    ...(method === "GET" ? [] : COMMON_WITH_BODY),
    ...errors,
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...byStatus.get(status) ?? [], code]);
  }
  const content = { "application/problem+json": { schema: { $ref: PROBLEM } } };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [status, { description: list.join(", "), content }]),
  );
}

const PROBLEM = "#/components/schemas/ProblemDocument";
