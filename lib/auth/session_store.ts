/** Browser sessions: opened with a token or a sign-in link, held in a cookie, stored as a hash. */
import type { Database, Tx } from "../db/database.ts";
import { hashSecret, newSecret } from "./secret.ts";

/** How long a session lasts. */
export const SESSION_MS = 12 * 60 * 60 * 1000;
/** How long a printed sign-in link can be used, once. */
export const LINK_MS = 15 * 60 * 1000;

export class SessionStore {
  readonly #db: Database;
  /** Unused sign-in links by the hash of their ticket. They end with the process. */
  readonly #links = new Map<string, { tokenId: string; expiresAt: number }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Opens a session for a token. @returns the value of its cookie */
  open(tx: Tx, tokenId: string): string {
    const secret = newSecret();
    this.#db.run(
      "INSERT INTO sessions (session_hash, token_id, created_at, expires_at) VALUES (?,?,?,?)",
      hashSecret(secret),
      tokenId,
      tx.now,
      tx.now + SESSION_MS,
    );
    this.#db.run("DELETE FROM sessions WHERE expires_at <= ?", tx.now);
    return secret;
  }

  /** The token that opened a session, while it lasts. */
  tokenOf(secret: string): string | undefined {
    return this.#db.get<{ token_id: string }>(
      "SELECT token_id FROM sessions WHERE session_hash = ? AND expires_at > ?",
      hashSecret(secret),
      this.#db.now(),
    )?.token_id;
  }

  /** Ends a session. */
  close(_tx: Tx, secret: string): void {
    this.#db.run("DELETE FROM sessions WHERE session_hash = ?", hashSecret(secret));
  }

  /** A ticket for a sign-in link. It signs in once, as the given token. */
  createLink(tokenId: string): string {
    const ticket = newSecret();
    this.#links.set(hashSecret(ticket), { tokenId, expiresAt: this.#db.now() + LINK_MS });
    return ticket;
  }

  /** Uses a ticket up. @returns the token that it stands for, or undefined */
  redeemLink(ticket: string): string | undefined {
    const hash = hashSecret(ticket);
    const link = this.#links.get(hash);
    this.#links.delete(hash);
    return link !== undefined && link.expiresAt > this.#db.now() ? link.tokenId : undefined;
  }
}
