/**
 * One request to a node and its answer as a value: what came back, or the problem. Runs in
 * browsers, so nothing of Deno here.
 * @module
 */
import type { ProblemDocument } from "../schema/api.ts";

/** Any JSON value, where the shape of an answer is the server's business. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What became of a request. */
export type Result<T> = { ok: true; data: T } | { ok: false; problem: ProblemDocument };

/** A problem as an exception, where a value won't do: in streams and in command line tools. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(readonly problem: ProblemDocument) {
    super(problem.detail);
  }
}

/**
 * What came back.
 * @throws {ProblemError} when it is a problem
 */
export function dataOf<T>(result: Result<T>): T {
  if (result.ok) return result.data;
  throw new ProblemError(result.problem);
}

/** Where the node is and who asks. */
export interface ClientOptions {
  /** Address of the node such as `http://127.0.0.1:6767`; empty in a page: where it came from. */
  readonly baseUrl: string;
  /** `did:cis:{node}:{secret}`. */
  readonly token?: string;
  /** Cookie header, where no browser sends it. */
  readonly cookie?: string;
  /** Stands in for the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** How long one answer may take in milliseconds; streams have no limit. */
  readonly timeoutMs?: number;
}

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Name of this change: the node makes a change of one name once, however often it is asked. */
  readonly idempotencyKey?: string;
}

/** What to ask for. */
export interface RequestParts extends CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as it is, with `contentType`; without one the node looks at the text. */
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly lastEventId?: string;
}

/** Code of the problem when no answer came at all. */
export const UNREACHABLE = "unreachable";
/** Code of the problem when something answered that doesn't speak this API. */
export const UNEXPECTED_ANSWER = "unexpected_answer";

const DEFAULT_TIMEOUT_MS = 60_000;

/** Sends requests of one client. */
export class Requester {
  readonly #options: ClientOptions;
  readonly #base: string;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#base = options.baseUrl.replace(/\/+$/, "");
  }

  /**
   * Asks and reads the whole JSON answer. A change whose connection broke is sent once more under
   * the same Idempotency-Key, so it happens once whether or not the first one arrived.
   * @param path begins with `/`; its segments are encoded already
   */
  async json<T>(path: string, parts: RequestParts = {}): Promise<Result<T>> {
    const limitMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timeout = AbortSignal.timeout(limitMs);
    const signal = parts.signal ? AbortSignal.any([parts.signal, timeout]) : timeout;
    const idempotencyKey = parts.idempotencyKey ?? newIdempotencyKey();
    const ask = async (): Promise<Result<T>> =>
      await readAnswer<T>(await this.open(path, { ...parts, signal, idempotencyKey }));
    try {
      return await ask().catch((error) => {
        if (signal.aborted) throw error;
        return ask();
      });
    } catch (error) {
      const reason = timeout.aborted ? `no answer within ${limitMs / 1000} s` : messageOf(error);
      return { ok: false, problem: this.unreachable(reason) };
    }
  }

  /**
   * Sends one request and hands over the answer unread.
   * @throws TypeError when the node can't be reached, the signal's reason when aborted
   */
  open(path: string, parts: RequestParts = {}): Promise<Response> {
    // A browser's fetch insists on being called as a function of the page.
    const send = this.#options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    return send(this.#base + path + queryString(parts.query), {
      method: parts.method ?? "GET",
      headers: this.#headers(parts),
      // As bytes: a string would go out as text/plain, which is not what it is.
      body: parts.body === undefined ? null : new TextEncoder().encode(parts.body),
      redirect: "manual",
      signal: parts.signal ?? null,
    });
  }

  /** The problem of a node that gave no answer. */
  unreachable(reason: string): ProblemDocument {
    const where = this.#base === "" ? "the node" : `the node at ${this.#base}`;
    return problemOf({
      status: 0,
      code: UNREACHABLE,
      title: "The node can't be reached",
      detail: `Can't reach ${where}: ${reason}`,
    });
  }

  #headers(parts: RequestParts): Headers {
    const headers = new Headers({ accept: parts.accept ?? "application/json" });
    const { token, cookie } = this.#options;
    if (token) headers.set("authorization", `Bearer ${token}`);
    if (cookie) headers.set("cookie", cookie);
    if (parts.contentType) headers.set("content-type", parts.contentType);
    if (parts.lastEventId) headers.set("last-event-id", parts.lastEventId);
    if (parts.method !== undefined && parts.method !== "GET") {
      headers.set("idempotency-key", parts.idempotencyKey ?? newIdempotencyKey());
    }
    return headers;
  }
}

/** The problem in an answer that is not a success; made up from the status where it has none. */
export async function readProblem(response: Response): Promise<ProblemDocument> {
  const body = parseJson(await response.text());
  return isProblem(body) ? body : unexpectedAnswer(response);
}

/** A path from constant parts and foreign ones: ``path`/api/v1/dag/${dagId}` `` encodes `dagId`. */
export function path(parts: TemplateStringsArray, ...segments: string[]): string {
  return String.raw({ raw: parts }, ...segments.map(encodeURIComponent));
}

async function readAnswer<T>(response: Response): Promise<Result<T>> {
  if (!response.ok) return { ok: false, problem: await readProblem(response) };
  const text = await response.text();
  const data = response.status === 204 ? null : parseJson(text);
  if (data === undefined) return { ok: false, problem: unexpectedAnswer(response) };
  // The node checks what it sends; a second check here would carry zod into every page.
  return { ok: true, data: data as T };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // Not JSON: the callers say what that means.
  }
}

function isProblem(body: unknown): body is ProblemDocument {
  if (typeof body !== "object" || body === null) return false;
  const { code, status, detail } = body as Record<string, unknown>;
  return typeof code === "string" && typeof status === "number" && typeof detail === "string";
}

function unexpectedAnswer(response: Response): ProblemDocument {
  return problemOf({
    status: response.status,
    code: UNEXPECTED_ANSWER,
    title: "Not an answer of this API",
    detail: `${response.url || "The address"} answered with status ${response.status} and ` +
      `${response.headers.get("content-type") ?? "no content type"}; is it a node?`,
  });
}

function problemOf(
  parts: Pick<ProblemDocument, "status" | "code" | "title" | "detail">,
): ProblemDocument {
  return { type: "about:blank", request_id: "", ...parts };
}

function queryString(query: RequestParts["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}

/** 128 random bits; `crypto.randomUUID` is missing in pages that came over plain HTTP. */
function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The innermost cause: "connection refused" says more than "fetch failed". */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return messageOf(error.cause);
  return error.message.replace(/^error sending request for url \([^)]*\): /, "");
}
