/**
 * Whether a token may decide about something of a scope: as conditions of the statement that
 * decides, so that there is no moment between the check and its use. In each `t` is the token,
 * `:who` its id and `:now` the time.
 */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";

/** The token is neither revoked nor expired. */
export const TOKEN_VALID = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)";
/** The token has a role that decides. */
export const TOKEN_DECIDES =
  "EXISTS (SELECT 1 FROM json_each(t.roles) WHERE value IN ('approver', 'admin'))";

/** Tables whose rows belong to a scope. */
type ScopedTable = "dag_specs" | "decisions" | "debts";

/** The token is for the scope of a table's row. */
export function tokenFits(table: ScopedTable): string {
  return `(t.scopes IS NULL OR EXISTS (SELECT 1 FROM json_each(t.scopes)
    WHERE value = lower(${table}.scope_type) || coalesce(':' || ${table}.scope_id, '')))`;
}

/** All of it: `:who` may decide about a table's row. */
export function mayDecide(table: ScopedTable): string {
  return `EXISTS (SELECT 1 FROM tokens t
    WHERE t.token_id = :who AND ${TOKEN_VALID} AND ${TOKEN_DECIDES} AND ${tokenFits(table)})`;
}

/** Which row, and who wants to decide about it. */
export interface DecideCheck {
  readonly table: ScopedTable;
  /** Condition that finds the row, with `values`. */
  readonly where: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly who: string;
  /** What it is about, for the message. */
  readonly about: string;
}

/**
 * Throws unless the token may decide about the row. For saying why something was refused, and for
 * answers that change nothing.
 * @throws {CisError} `unauthenticated`, `forbidden`, `scope_not_allowed`
 */
export function requireMayDecide(tx: Tx, db: Database, check: DecideCheck): void {
  const { table, where, values, who, about } = check;
  const token = db.getNamed<{ valid: number; decides: number; fits: number }>(
    `SELECT ${TOKEN_VALID} AS valid, ${TOKEN_DECIDES} AS decides, ${tokenFits(table)} AS fits
     FROM ${table}, tokens t WHERE ${where} AND t.token_id = :who`,
    { ...values, who, now: tx.now },
  );
  if (token?.valid !== 1) {
    throw new CisError("unauthenticated", "the token has expired or was revoked; ask for another");
  }
  if (token.decides !== 1) {
    throw new CisError(
      "forbidden",
      `this token may not decide about ${about}: it needs the role "approver"`,
    );
  }
  if (token.fits === 1) return;
  throw new CisError("scope_not_allowed", `this token is not for the scope of ${about}`);
}
