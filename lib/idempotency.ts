/** `Idempotency-Key`: the same request under the same key is done once and answered alike. */
import { createHash } from "node:crypto";
import type { Database, Tx } from "./db/database.ts";
import { CisError } from "./errors.ts";

/** A request as far as it matters for being the same. */
export interface KeyedRequest {
  readonly tokenId: string;
  readonly key: string;
  readonly method: string;
  /** With the query, which can change what is meant. */
  readonly path: string;
  readonly body: string;
}

/** What is kept of an answer. */
export interface KeptAnswer {
  readonly status: number;
  /** null: it held a secret, and only that it was given is kept. */
  readonly body: string | null;
}

/** Keeps the answer within the transaction of what it answers. */
export type Keep = (tx: Tx, answer: KeptAnswer) => void;

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY = 255;
/** How often answers that are too old are looked for, in milliseconds. */
const SWEEP_EVERY_MS = 60 * 60 * 1000;

export class Idempotency {
  readonly #db: Database;
  /** Requests under way, by token and key: the store doesn't know of them yet. */
  readonly #running = new Map<string, { hash: string; answer: Promise<Response> }>();
  #sweptAt = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Answers a request, from what is kept where it was answered before.
   * @param answer has to `keep` its answer in the transaction of the change, so that neither is
   *   there without the other
   * @throws {CisError} `idempotency_conflict` when the key was used for another request
   */
  async once(
    request: KeyedRequest,
    answer: (keep: Keep) => Promise<Response>,
  ): Promise<Response> {
    if (request.key.length > MAX_KEY) {
      throw new CisError(
        "invalid_request",
        `the Idempotency-Key is longer than ${MAX_KEY} characters`,
      );
    }
    const hash = hashOf(request);
    const name = `${request.tokenId} ${request.key}`;
    const running = this.#running.get(name);
    if (running !== undefined) {
      requireSame(hash, running.hash);
      return (await running.answer).clone();
    }
    const kept = this.#load(request);
    if (kept !== undefined) {
      requireSame(hash, kept.request_hash);
      return replay(kept);
    }
    const promise = answer((tx, given) => this.#keep(tx, { ...request, hash }, given));
    this.#running.set(name, { hash, answer: promise });
    try {
      return await promise;
    } finally {
      this.#running.delete(name);
    }
  }

  #load({ tokenId, key }: KeyedRequest): KeptRow | undefined {
    return this.#db.get<KeptRow>(
      "SELECT request_hash, status, body FROM idempotency_keys WHERE token_id = ? AND key = ? AND created_at > ?",
      tokenId,
      key,
      this.#db.now() - KEPT_MS,
    );
  }

  #keep(
    tx: Tx,
    { tokenId, key, hash }: { tokenId: string; key: string; hash: string },
    { status, body }: KeptAnswer,
  ): void {
    this.#sweep(tx);
    // Only what is too old can be in the way: anything else would have been the answer.
    this.#db.run(
      `INSERT INTO idempotency_keys (token_id, key, request_hash, status, body, created_at)
       VALUES (?,?,?,?,?,?) ON CONFLICT (token_id, key) DO UPDATE SET
         request_hash = excluded.request_hash, status = excluded.status, body = excluded.body,
         created_at = excluded.created_at`,
      tokenId,
      key,
      hash,
      status,
      body ?? "",
      tx.now,
    );
  }

  #sweep(tx: Tx): void {
    if (tx.now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#db.run("DELETE FROM idempotency_keys WHERE created_at <= ?", tx.now - KEPT_MS);
    this.#sweptAt = tx.now;
  }
}

interface KeptRow {
  request_hash: string;
  status: number;
  body: string;
}

function hashOf({ method, path, body }: KeyedRequest): string {
  return createHash("sha256").update(JSON.stringify([method, path, body])).digest("hex");
}

function requireSame(hash: string, kept: string): void {
  if (hash === kept) return;
  throw new CisError(
    "idempotency_conflict",
    "this Idempotency-Key was used for another request; take a new key",
  );
}

function replay({ status, body }: KeptRow): Response {
  if (body === "") {
    throw new CisError(
      "idempotency_conflict",
      "this was done under the same Idempotency-Key; its answer held a secret and was not kept. " +
        "If the answer never reached you, undo what it made and ask again under a new key",
    );
  }
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(body, {
    status,
    headers: { "content-type": type, "idempotency-replayed": "true", "cache-control": "no-store" },
  });
}
