/** Access tokens: `did:cis:{node_id}:{secret}` (contract §4), rows of `tokens`. */
import { v7 as uuid } from "uuid";
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { TokenView } from "../schema/api.ts";
import type { Role } from "../schema/roles.ts";
import type { Principal } from "./principal.ts";
import { hashSecret, newSecret } from "./secret.ts";

/** What a new token is to be. */
export interface NewToken {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly scopes?: readonly string[] | null;
  /** Epoch milliseconds; absent: no end. */
  readonly expiresAt?: number | null;
  readonly createdBy: string | null;
}

/** A token that stands for an account on the homeserver. */
export interface NewBinding extends NewToken {
  /** Such as `@you:example.org`. */
  readonly userId: string;
}

interface TokenRow {
  token_id: string;
  name: string;
  roles: string;
  scopes: string | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
  bound_to: string | null;
}

/** How old `last_used_at` may be before a use is written down. */
const USE_NOTED_EVERY_MS = 60_000;
const SELECT = `SELECT t.*, b.user_id AS bound_to
  FROM tokens t LEFT JOIN token_bindings b USING (token_id)`;
const SECRET_FORM = /^[A-Za-z0-9_-]{43}$/;

export class TokenStore {
  readonly #db: Database;
  readonly #nodeId: string;

  constructor(db: Database, nodeId: string) {
    this.#db = db;
    this.#nodeId = nodeId;
  }

  /** Makes a token. @returns it with its secret, which is kept nowhere */
  create(tx: Tx, token: NewToken): { token: string; view: TokenView } {
    const secret = newSecret();
    const tokenId = `tok-${uuid()}`;
    this.#db.run(
      `INSERT INTO tokens (token_id, name, secret_hash, roles, scopes, created_by, created_at, expires_at)
       VALUES (?,?,?,?,?,?,?,?)`,
      tokenId,
      token.name,
      hashSecret(secret),
      JSON.stringify(token.roles),
      (token.scopes ?? null) === null ? null : JSON.stringify(token.scopes),
      token.createdBy,
      tx.now,
      token.expiresAt ?? null,
    );
    return { token: `did:cis:${this.#nodeId}:${secret}`, view: this.get(tokenId) };
  }

  /** Whose token this is, or undefined when it is malformed, unknown, expired or revoked. */
  verify(token: string): Principal | undefined {
    const parts = token.split(":");
    const secret = parts.at(-1) ?? "";
    if (parts.length !== 4 || parts[0] !== "did" || parts[1] !== "cis") return undefined;
    if (parts[2] !== this.#nodeId || !SECRET_FORM.test(secret)) return undefined;
    const row = this.#db.get<TokenRow>(
      `${SELECT} WHERE t.secret_hash = ?`,
      hashSecret(secret),
    );
    return row === undefined ? undefined : this.#principal(row);
  }

  /** A token's holder by its id, while it is valid. For sessions. */
  principal(tokenId: string): Principal | undefined {
    const row = this.#row(tokenId);
    return row === undefined ? undefined : this.#principal(row);
  }

  /**
   * Makes a token that somebody has by what their account says in rooms: its secret is kept nowhere and
   * given to nobody. One that stood for the account before ends.
   */
  bind(tx: Tx, { userId, ...token }: NewBinding): TokenView {
    const before = this.#boundRow(userId);
    if (before !== undefined) this.revoke(tx, before.token_id);
    const { token_id } = this.create(tx, token).view;
    this.#db.run(
      `INSERT INTO token_bindings (user_id, token_id, bound_at) VALUES (?,?,?)
       ON CONFLICT (user_id) DO UPDATE SET token_id = excluded.token_id, bound_at = excluded.bound_at`,
      userId,
      token_id,
      tx.now,
    );
    return this.get(token_id);
  }

  /** The token that stands for an account, whether it is valid or not. */
  boundTo(userId: string): TokenView | undefined {
    const row = this.#boundRow(userId);
    return row === undefined ? undefined : this.#view(row);
  }

  /** One token. @throws {CisError} `token_not_found` */
  get(tokenId: string): TokenView {
    const row = this.#row(tokenId);
    if (row === undefined) {
      throw new CisError(
        "token_not_found",
        `there is no token "${tokenId}"; see the list of tokens`,
      );
    }
    return this.#view(row);
  }

  /** All tokens, oldest first. */
  list(): TokenView[] {
    return this.#db.all<TokenRow>(`${SELECT} ORDER BY t.created_at, t.token_id`)
      .map((row) => this.#view(row));
  }

  /** How many valid tokens that somebody has have the role `admin`, for every scope. */
  countAdmins(now: number): number {
    return this.#db.get<{ n: number }>(
      `SELECT count(*) AS n FROM tokens WHERE revoked_at IS NULL AND scopes IS NULL
        AND (expires_at IS NULL OR expires_at > ?)
        AND EXISTS (SELECT 1 FROM json_each(roles) WHERE value = 'admin')
        AND token_id NOT IN (SELECT token_id FROM token_bindings)`,
      now,
    )?.n ?? 0;
  }

  /** Ends a token and the sessions that it opened. @throws {CisError} `token_not_found` */
  revoke(tx: Tx, tokenId: string): TokenView {
    this.get(tokenId);
    this.#db.run(
      "UPDATE tokens SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL",
      tx.now,
      tokenId,
    );
    this.#db.run("DELETE FROM sessions WHERE token_id = ?", tokenId);
    return this.get(tokenId);
  }

  #row(tokenId: string): TokenRow | undefined {
    return this.#db.get<TokenRow>(`${SELECT} WHERE t.token_id = ?`, tokenId);
  }

  #boundRow(userId: string): TokenRow | undefined {
    return this.#db.get<TokenRow>(`${SELECT} WHERE b.user_id = ?`, userId);
  }

  #principal(row: TokenRow): Principal | undefined {
    const now = this.#db.now();
    if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) {
      return undefined;
    }
    if (now - (row.last_used_at ?? 0) > USE_NOTED_EVERY_MS) this.#noteUse(row.token_id);
    return {
      tokenId: row.token_id,
      name: row.name,
      roles: JSON.parse(row.roles) as Role[],
      scopes: row.scopes === null ? null : JSON.parse(row.scopes) as string[],
    };
  }

  #noteUse(tokenId: string): void {
    this.#db.write((tx) =>
      this.#db.run("UPDATE tokens SET last_used_at = ? WHERE token_id = ?", tx.now, tokenId)
    ).catch(() => {
      // Only a note: a database that can't take it fails the requests that matter by itself.
    });
  }

  #view(row: TokenRow): TokenView {
    const iso = (ms: number | null): string | null =>
      ms === null ? null : new Date(ms).toISOString();
    return {
      token_id: row.token_id,
      name: row.name,
      did: `did:cis:${this.#nodeId}:${row.token_id}`,
      roles: JSON.parse(row.roles) as Role[],
      scopes: row.scopes === null ? null : JSON.parse(row.scopes) as string[],
      created_at: new Date(row.created_at).toISOString(),
      expires_at: iso(row.expires_at),
      last_used_at: iso(row.last_used_at),
      revoked_at: iso(row.revoked_at),
      bound_to: row.bound_to,
    };
  }
}
