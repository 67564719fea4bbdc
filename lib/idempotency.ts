/** `Idempotency-Key`: the same request under the same key is done once and answered alike. */
import { createHash } from "node:crypto";
import type { Database } from "./db/database.ts";
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

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY = 255;

export class Idempotency {
  readonly #db: Database;
  /** Requests under way, by token and key. */
  readonly #running = new Map<string, { hash: string; answer: Promise<Response> }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Answers a request, from memory where it was answered before.
   * @param secret whether the answer must not be kept; asking again is then an error
   * @throws {CisError} `idempotency_conflict` when the key was used for another request
   */
  async once(
    request: KeyedRequest,
    answer: () => Promise<Response>,
    { secret }: { secret: boolean },
  ): Promise<Response> {
    if (request.key.length > MAX_KEY) {
      throw new CisError(
        "invalid_request",
        `the Idempotency-Key is longer than ${MAX_KEY} characters`,
      );
    }
    const hash = createHash("sha256")
      .update(JSON.stringify([request.method, request.path, request.body])).digest("hex");
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
    const promise = answer();
    this.#running.set(name, { hash, answer: promise });
    try {
      const response = await promise;
      if (response.status < 500) await this.#save(request, { hash, response, secret });
      return response;
    } finally {
      this.#running.delete(name);
    }
  }

  #load({ tokenId, key }: KeyedRequest): KeptAnswer | undefined {
    return this.#db.get<KeptAnswer>(
      "SELECT request_hash, status, body FROM idempotency_keys WHERE token_id = ? AND key = ? AND created_at > ?",
      tokenId,
      key,
      this.#db.now() - KEPT_MS,
    );
  }

  async #save(
    { tokenId, key }: KeyedRequest,
    { hash, response, secret }: { hash: string; response: Response; secret: boolean },
  ): Promise<void> {
    const body = secret && response.ok ? "" : await response.clone().text();
    await this.#db.write((tx) => {
      this.#db.run("DELETE FROM idempotency_keys WHERE created_at <= ?", tx.now - KEPT_MS);
      this.#db.run(
        `INSERT INTO idempotency_keys (token_id, key, request_hash, status, body, created_at)
         VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
        tokenId,
        key,
        hash,
        response.status,
        body,
        tx.now,
      );
    });
  }
}

interface KeptAnswer {
  request_hash: string;
  status: number;
  body: string;
}

function requireSame(hash: string, kept: string): void {
  if (hash === kept) return;
  throw new CisError(
    "idempotency_conflict",
    "this Idempotency-Key was used for another request; take a new key",
  );
}

function replay({ status, body }: KeptAnswer): Response {
  if (body === "") {
    throw new CisError(
      "idempotency_conflict",
      "this was done under the same Idempotency-Key; its answer held a secret and was not kept",
    );
  }
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(body, {
    status,
    headers: { "content-type": type, "idempotency-replayed": "true", "cache-control": "no-store" },
  });
}
