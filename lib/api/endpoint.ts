/** What every endpoint of the API does alike: who asks and may they, the body, the answer. */
import type { Context } from "fresh";
import type { z } from "zod";
import { type Principal, requireRole } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Keep, KeyedRequest } from "../idempotency.ts";
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

/** What an endpoint does, for the audit log. */
export interface Audited {
  /** Such as "dag.confirm". */
  readonly action: string;
  /** What the request is about, as far as its address says so. */
  readonly target?: (call: Pick<Call, "param">) => string;
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
  /** Who is refused it gets a row in the audit log. */
  readonly audited?: Audited;
}

/**
 * Wraps an endpoint that reads, or that changes something outside of the database. What changes the
 * database is a `changeEndpoint`. It returns a Response, or a value that is answered as JSON.
 * @param role what the caller has to be
 */
export function endpoint(
  role: Role,
  handle: (call: Call) => unknown,
  options: EndpointOptions = {},
): (ctx: Context<State>) => Promise<Response> {
  return admitting(role, options, async (call, keep) => {
    const response = toResponse(await handle(call));
    if (keep !== undefined && response.status < 500) {
      const { status } = response;
      const secret = options.secretAnswer === true && response.ok;
      const body = secret ? null : await response.clone().text();
      await call.node.db.write((tx) => keep(tx, { status, body }));
    }
    return response;
  });
}

/**
 * Lets a request in, or refuses it: its role, the node's state, its body and its Idempotency-Key.
 * @param answer does what is asked; with `keep`, has to keep its answer
 */
export function admitting(
  role: Role,
  options: EndpointOptions,
  answer: (call: Call, keep: Keep | undefined) => Promise<Response>,
): (ctx: Context<State>) => Promise<Response> {
  return async (ctx) => {
    const { node, principal } = ctx.state;
    if (principal === undefined) throw notSignedIn(node);
    try {
      requireRole(principal, role);
      const call = await readCall(ctx, { principal, options });
      const request = options.secretBody === true ? undefined : keyedRequest(call);
      if (request === undefined) return await answer(call, undefined);
      return await node.idempotency.once(request, (keep) => answer(call, keep));
    } catch (error) {
      if (options.audited !== undefined) await noteRefusal(ctx, { principal, error, ...options });
      throw error;
    }
  };
}

async function readCall(
  ctx: Context<State>,
  { principal, options }: { principal: Principal; options: EndpointOptions },
): Promise<Call> {
  const { node } = ctx.state;
  if (!node.isReady) {
    throw new CisError("not_ready", "the node is starting; try again in a moment");
  }
  if (!changes(ctx.req)) return makeCall(ctx, { principal, text: "" });
  bodyFormat(ctx.req);
  const text = await readText(ctx.req, options.maxBytes ?? node.config.max_body_bytes);
  return makeCall(ctx, { principal, text });
}

function changes({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** The request as its Idempotency-Key stands for it; undefined where it has none. */
function keyedRequest({ ctx, principal, text }: Call): KeyedRequest | undefined {
  const { req, url } = ctx;
  const key = changes(req) ? req.headers.get("idempotency-key") ?? "" : "";
  if (key === "") return undefined;
  return {
    tokenId: principal.tokenId,
    key,
    method: req.method,
    path: url.pathname + url.search,
    body: text(),
  };
}

async function noteRefusal(
  ctx: Context<State>,
  { principal, error, audited }: { principal: Principal; error: unknown; audited?: Audited },
): Promise<void> {
  if (audited === undefined || !(error instanceof CisError)) return;
  const { node, requestId } = ctx.state;
  const target = audited.target?.({ param: (name) => ctx.params[name] ?? "" });
  try {
    await node.refusals.note({
      tokenId: principal.tokenId,
      action: audited.action,
      ...(target === undefined ? {} : { target }),
      code: error.code,
      requestId,
    });
  } catch (failure) {
    // The refusal stands whether it could be written down or not.
    node.report(`request ${requestId}: its refusal is not in the audit log: ${String(failure)}`);
  }
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
