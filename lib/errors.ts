/**
 * Every error that reaches a person or a program: code → HTTP status and title. Codes are stable,
 * titles may change. Anything that is not a {@linkcode CisError} is a defect and answered as
 * `internal_error`, without its message.
 * @module
 */

/** One entry of the catalogue. */
interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
}

export const ERRORS = {
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  invalid_request: { status: 400, title: "The request is not valid" },
  invalid_spec: { status: 422, title: "The DAG specification has problems" },
  unauthenticated: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "Not allowed" },
  separation_of_duties: { status: 403, title: "Nobody confirms what they published" },
  scope_not_allowed: { status: 403, title: "The token is not for this scope" },
  not_a_stakeholder: { status: 403, title: "Only stakeholders vote" },
  cross_origin: { status: 403, title: "The request comes from another site" },
  not_found: { status: 404, title: "Not found" },
  dag_not_found: { status: 404, title: "No such DAG" },
  run_not_found: { status: 404, title: "No such run" },
  task_not_found: { status: 404, title: "No such task" },
  worker_not_found: { status: 404, title: "No such worker" },
  decision_not_found: { status: 404, title: "No such decision" },
  debt_not_found: { status: 404, title: "No such debt" },
  token_not_found: { status: 404, title: "No such token" },
  secret_not_found: { status: 404, title: "No such secret" },
  method_not_allowed: { status: 405, title: "The method is not for this address" },
  version_conflict: { status: 409, title: "The version is not the next one" },
  content_changed: { status: 409, title: "The content is not what waits for confirmation" },
  nothing_waiting: { status: 409, title: "Nothing waits for confirmation" },
  already_decided: { status: 409, title: "It has been decided" },
  idempotency_conflict: { status: 409, title: "The Idempotency-Key was used for another request" },
  not_confirmed: { status: 409, title: "No version is confirmed" },
  dag_taken: { status: 409, title: "The dag_id is used for another DAG" },
  no_schedule: { status: 409, title: "The DAG has no schedule in force" },
  run_finished: { status: 409, title: "The run has ended" },
  run_not_finished: { status: 409, title: "The run has not ended" },
  invalid_state: { status: 409, title: "Not possible in this state" },
  worker_exists: { status: 409, title: "The worker is running" },
  worker_elsewhere: { status: 409, title: "The worker is for another machine" },
  room_unavailable: { status: 503, title: "The worker's room can't be used yet" },
  worker_limit: { status: 409, title: "There is no place for another worker" },
  secrets_unreadable: { status: 409, title: "The secrets can't be decrypted" },
  worker_busy: { status: 409, title: "The worker is busy" },
  confirmation_expired: { status: 410, title: "The time to confirm is over" },
  decision_expired: { status: 410, title: "The time to decide is over" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  misdirected_host: { status: 421, title: "The Host header is not this node's" },
  node_unknown: { status: 409, title: "The node is not in the settings" },
  node_unreachable: { status: 502, title: "The other node can't be reached" },
  internal_error: { status: 500, title: "Something went wrong in the node" },
  not_ready: { status: 503, title: "The node is not ready" },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** A problem at one place of a document, as in a DagSpec (`tasks[3].depends_on[0]`). */
export interface ErrorDetail {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Options of {@linkcode CisError}. */
export interface CisErrorOptions {
  /** Where there are several problems, each with its place. */
  readonly errors?: readonly ErrorDetail[];
  /** Extra members of the problem document, e.g. the hash that waits. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error with a stable code that may be shown to whoever caused it. */
export class CisError extends Error {
  override readonly name = "CisError";
  readonly code: ErrorCode;
  readonly errors: readonly ErrorDetail[];
  readonly data: Readonly<Record<string, unknown>>;

  /**
   * @param code stable code; status and title follow from the catalogue
   * @param message what happened, to what, and what to do
   */
  constructor(code: ErrorCode, message: string, options: CisErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.data = options.data ?? {};
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Short title of the code. */
  get title(): string {
    return ERRORS[this.code].title;
  }
}
