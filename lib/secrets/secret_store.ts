/**
 * The node's secrets: rows of `secrets`, encrypted. A secret is for every scope or for one; where
 * both have one of a name, that of the scope counts.
 */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { SecretView } from "../schema/secret.ts";
import { open, seal } from "./secret_cipher.ts";
import { makeSecretKey, readSecretKey } from "./secret_key.ts";

/** Which secret: its name, and the key of its scope or null for every scope. */
export interface SecretRef {
  readonly name: string;
  readonly scope: string | null;
}

interface SecretRow {
  name: string;
  /** Empty: every scope. */
  scope: string;
  value: string;
  created_by: string;
  created_at: number;
  updated_at: number;
}

/** What a worker is given. */
export interface SecretValues {
  /** By name. */
  readonly values: Record<string, string>;
  /** What could not be decrypted and why, for the node's own log. */
  readonly problems: readonly string[];
}

/** All values of a node as JSON: they have to fit one frame to a worker, with room to spare. */
const MAX_TOTAL = 512 * 1024;

export class SecretStore {
  readonly #db: Database;
  readonly #keyPath: string;

  /** @param keyPath the key's file; made with the first secret */
  constructor(db: Database, keyPath: string) {
    this.#db = db;
    this.#keyPath = keyPath;
  }

  /**
   * Sets a secret or replaces its value.
   * @throws {CisError} `secrets_unreadable` when others were encrypted with a key that isn't there,
   * `invalid_state` when there would be too much
   */
  set(tx: Tx, ref: SecretRef, given: { value: string; by: string }): SecretView {
    const others = this.#rows().filter((row) => placeOf(row) !== placeOf(rowRef(ref)));
    const key = this.#keyFor(others);
    const total = others.reduce((sum, row) => sum + size(this.#open(row, key)), size(given.value));
    if (total > MAX_TOTAL) {
      throw new CisError(
        "invalid_state",
        `the secrets of this node would take ${total} bytes of at most ${MAX_TOTAL}; remove some`,
      );
    }
    const { name, scope } = rowRef(ref);
    this.#db.run(
      `INSERT INTO secrets (name, scope, value, created_by, created_at, updated_at)
       VALUES (?,?,?,?,?,?)
       ON CONFLICT (name, scope) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
      name,
      scope,
      seal(given.value, key, placeOf({ name, scope })),
      given.by,
      tx.now,
      tx.now,
    );
    return this.get(ref);
  }

  /** Removes a secret. @throws {CisError} `secret_not_found` */
  remove(_tx: Tx, ref: SecretRef): SecretView {
    const view = this.get(ref);
    const { name, scope } = rowRef(ref);
    this.#db.run("DELETE FROM secrets WHERE name = ? AND scope = ?", name, scope);
    return view;
  }

  /** One secret, without its value. @throws {CisError} `secret_not_found` */
  get(ref: SecretRef): SecretView {
    const { name, scope } = rowRef(ref);
    const row = this.#db.get<SecretRow>(
      "SELECT * FROM secrets WHERE name = ? AND scope = ?",
      name,
      scope,
    );
    if (row !== undefined) return viewOf(row);
    const where = ref.scope === null ? "for every scope" : `for ${ref.scope}`;
    throw new CisError(
      "secret_not_found",
      `there is no secret "${name}" ${where}; see the list of secrets`,
    );
  }

  /** All secrets, without their values. */
  list(): SecretView[] {
    return this.#rows().map(viewOf);
  }

  /** Names of the secrets that there are for a scope. @param scope its key */
  namesFor(scope: string): string[] {
    return this.#rowsFor(scope).map(({ name }) => name);
  }

  /**
   * The values for a scope. One that can't be decrypted is left out and told of.
   * @param scope its key
   * @param allows whether the scope may use the secret of a name
   */
  valuesFor(scope: string, allows: (name: string) => boolean): SecretValues {
    const rows = this.#rowsFor(scope).filter(({ name }) => allows(name));
    if (rows.length === 0) return { values: {}, problems: [] };
    try {
      const key = this.#requireKey();
      return collect(rows, (row) => this.#open(row, key));
    } catch (error) {
      return { values: {}, problems: [messageOf(error)] };
    }
  }

  #rows(): SecretRow[] {
    return this.#db.all<SecretRow>("SELECT * FROM secrets ORDER BY name, scope");
  }

  /** One row for each name: that of the scope before that of every scope, readable or not. */
  #rowsFor(scope: string): SecretRow[] {
    const rows = this.#db.all<SecretRow>(
      "SELECT * FROM secrets WHERE scope IN ('', ?) ORDER BY scope, name",
      scope,
    );
    return [...new Map(rows.map((row) => [row.name, row])).values()];
  }

  #keyFor(others: readonly SecretRow[]): Uint8Array {
    if (others.length > 0) return this.#requireKey();
    return readSecretKey(this.#keyPath) ?? makeSecretKey(this.#keyPath);
  }

  #requireKey(): Uint8Array {
    const key = readSecretKey(this.#keyPath);
    if (key !== undefined) return key;
    throw new CisError(
      "secrets_unreadable",
      `the key of the secrets, ${this.#keyPath}, is gone: put it back from your backup, or remove ` +
        "all secrets and set them again",
    );
  }

  #open(row: SecretRow, key: Uint8Array): string {
    const value = open(row.value, key, placeOf(row));
    if (value !== undefined) return value;
    throw new CisError(
      "secrets_unreadable",
      `the secret "${row.name}" (${
        row.scope || "every scope"
      }) was encrypted with another key than ` +
        `${this.#keyPath} holds, or its row was changed: put the right file back from your backup, ` +
        "or remove this secret and set it again",
    );
  }
}

function collect(rows: readonly SecretRow[], read: (row: SecretRow) => string): SecretValues {
  const values: [name: string, value: string][] = [];
  const problems: string[] = [];
  for (const row of rows) {
    try {
      values.push([row.name, read(row)]);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { values: Object.fromEntries(values), problems };
}

function rowRef({ name, scope }: SecretRef): { name: string; scope: string } {
  return { name, scope: scope ?? "" };
}

/** Neither a name nor a scope has a line end in it. */
function placeOf({ name, scope }: { readonly name: string; readonly scope: string }): string {
  return `${name}\n${scope}`;
}

/** As in a frame of JSON. */
function size(value: string): number {
  return JSON.stringify(value).length;
}

function viewOf(row: SecretRow): SecretView {
  return {
    name: row.name,
    scope: row.scope === "" ? null : row.scope,
    created_by: row.created_by,
    created_at: new Date(row.created_at).toISOString(),
    updated_at: new Date(row.updated_at).toISOString(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
