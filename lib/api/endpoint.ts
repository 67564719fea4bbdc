/** What every endpoint of the API does alike: who asks and may they, the body, the answer. */
import type { Context } from "fresh";
import type { z } from "zod";
import { type Principal, requireRole } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";
import type { Role } from "../schema/roles.ts";
import { bodyFormat, parseJson, readText, requireJson } from "./read_body.ts";
import type { State } from "./state.ts";

/** A request that has been let in. */
export interface Call {
  readonly ctx: Context<State>;
  readonly node: Node;
  readonly principal: Principal;
  /** A parameter of the path, decoded. */
  param(name: string): string;
  /** The whole body as text. */
  text(): string;
  /** The body as JSON, held against a schema. @throws {CisError} `invalid_request` */
  body<T extends z.ZodType>(schema: T): z.output<T>;
}

/** Options of {@linkcode endpoint}. */
export interface EndpointOptions {
  /** The answer holds a secret and must not be kept anywhere. */
  readonly secretAnswer?: boolean;
  /**
   * The body holds a secret: nothing of it is kept, not even the hash that a kept answer has. For
   * requests that may be repeated as they are.
   */
  readonly secretBody?: boolean;
  /** Largest body in bytes; absent: the node's limit. */
  readonly maxBytes?: number;
}

/**
 * Wraps what an endpoint does. It returns a Response, or a value that is answered as JSON.
 * @param role what the caller has to be
 */
export function endpoint(
  role: Role,
  handle: (call: Call) => unknown,
  options: EndpointOptions = {},
): (ctx: Context<State>) => Promise<Response> {
  return async (ctx) => {
    const { node, principal } = ctx.state;
    if (principal === undefined) throw notSignedIn(node);
    requireRole(principal, role);
    if (!node.isReady) {
      throw new CisError("not_ready", "the node is starting; try again in a moment");
    }
    const changes = ctx.req.method !== "GET" && ctx.req.method !== "HEAD";
    if (changes) bodyFormat(ctx.req);
    const text = changes
      ? await readText(ctx.req, options.maxBytes ?? node.config.max_body_bytes)
      : "";
    const answer = async (): Promise<Response> =>
      toResponse(await handle(makeCall(ctx, { principal, text })));
    const key = changes && options.secretBody !== true
      ? ctx.req.headers.get("idempotency-key")
      : null;
    if (key === null || key === "") return await answer();
    return await node.idempotency.once(
      {
        tokenId: principal.tokenId,
        key,
        method: ctx.req.method,
        path: ctx.url.pathname + ctx.url.search,
        body: text,
      },
      answer,
      { secret: options.secretAnswer ?? false },
    );
  };
}

function makeCall(
  ctx: Context<State>,
  { principal, text }: { principal: Principal; text: string },
): Call {
  return {
    ctx,
    node: ctx.state.node,
    principal,
    param: (name) => ctx.params[name] ?? "",
    text: () => text,
    body: (schema) => {
      if (text !== "") requireJson(ctx.req);
      return parseBody(schema, text);
    },
  };
}

function parseBody<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    path: issue.path.join("."),
    code: issue.code ?? "invalid",
    message: issue.message,
  }));
  const summary = errors.map(({ path, message }) => path === "" ? message : `${path}: ${message}`);
  throw new CisError("invalid_request", `the body is not as expected: ${summary.join("; ")}`, {
    errors,
  });
}

function toResponse(value: unknown): Response {
  if (value instanceof Response) return value;
  return Response.json(value, { headers: { "cache-control": "no-store" } });
}

function notSignedIn(node: Node): CisError {
  return new CisError(
    "unauthenticated",
    `this needs a token: send "Authorization: Bearer did:cis:${node.config.node_id}:<secret>"; ` +
      "the owner's is in owner.token in the data directory",
  );
}
