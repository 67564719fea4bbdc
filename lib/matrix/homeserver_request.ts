/**
 * One request to a homeserver's client-server API, whoever carries it out: matrix-js-sdk for the node
 * (sdk_request.ts), plain `fetch` for workers (fetch_request.ts). No zod here, for workers' sake.
 */

/** A request. */
export interface HomeserverCall {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** From `/_matrix/` or `/_synapse/` on; parts that come from outside are encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** An object goes as JSON, a text as it is. */
  readonly body?: object | string;
  /** What to do with the answer: an object of JSON unless told otherwise. */
  readonly answer?: "json" | "text";
  /** How long it may take; 30 seconds unless told otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What a homeserver answers with. */
export type HomeserverAnswer = Readonly<Record<string, unknown>>;

/** Carries requests out as one account. @throws {HomeserverError} */
export type HomeserverRequest = (call: HomeserverCall) => Promise<HomeserverAnswer>;

/** The client-server API. */
export const CLIENT_API = "/_matrix/client/v3";
export const REQUEST_TIMEOUT_MS = 30_000;

type Refused = Pick<HomeserverError, "status" | "code" | "retryAfterMs" | "session">;

/** A homeserver said no, or could not be asked. */
export class HomeserverError extends Error {
  override readonly name = "HomeserverError";
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** Such as `M_FORBIDDEN`; empty when there was none. */
  readonly code: string;
  /** How long it wants to be left alone, in milliseconds; null when it didn't say. */
  readonly retryAfterMs: number | null;
  /** Of a registration or sign-in in several steps, which goes on under this name. */
  readonly session: string | undefined;

  constructor(message: string, refused: Partial<Refused> = {}) {
    super(message);
    this.status = refused.status ?? null;
    this.code = refused.code ?? "";
    this.retryAfterMs = refused.retryAfterMs ?? null;
    this.session = refused.session;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.status === null || this.status === 429 || this.status >= 500;
  }

  /** Whether the account's session is over. */
  get isSignedOut(): boolean {
    return this.status === 401 || this.code === "M_UNKNOWN_TOKEN";
  }
}

/** An error for an answer that isn't one of success. @param body what came with it, if it is JSON */
export function refusal(status: number, body: unknown, retryAfter: string | null): HomeserverError {
  const { errcode, error, retry_after_ms, session } =
    (typeof body === "object" && body !== null ? body : {}) as Partial<Record<string, unknown>>;
  const code = typeof errcode === "string" ? errcode : "";
  const said = typeof error === "string" ? error : "it gave no reason";
  const seconds = Number(retryAfter ?? NaN);
  return new HomeserverError(`the homeserver answered ${status} ${code}: ${said}`, {
    status,
    code,
    ...(typeof session === "string" ? { session } : {}),
    retryAfterMs: typeof retry_after_ms === "number"
      ? retry_after_ms
      : Number.isFinite(seconds)
      ? seconds * 1000
      : null,
  });
}

/** A part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
