/** Secrets in a real database with a real key file. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { TokenStore } from "../../lib/auth/token_store.ts";
import { Database } from "../../lib/db/database.ts";
import { CisError } from "../../lib/errors.ts";
import { secretKeyPath } from "../../lib/secrets/secret_key.ts";
import { type SecretRef, SecretStore } from "../../lib/secrets/secret_store.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

interface Fixture {
  readonly db: Database;
  readonly store: SecretStore;
  readonly keyPath: string;
  set(name: string, value: string, scope?: string): Promise<unknown>;
}

function withStore(use: (fixture: Fixture) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    using db = new Database(join(dir, "cis.db"));
    const keyPath = secretKeyPath(dir);
    const store = new SecretStore(db, keyPath);
    const tokens = new TokenStore(db, "node1");
    const { view } = await db.write((tx) =>
      tokens.create(tx, { name: "owner", roles: ["admin"], createdBy: null })
    );
    const set = (name: string, value: string, scope?: string): Promise<unknown> => {
      const ref: SecretRef = { name, scope: scope ?? null };
      return db.write((tx) => store.set(tx, ref, { value, by: view.token_id }));
    };
    await use({ db, store, keyPath, set });
  });
}

function valuesFor(store: SecretStore, scope: string): Record<string, string> {
  const { values, problems } = store.valuesFor(scope, () => true);
  assert.deepEqual(problems, []);
  return values;
}

const unreadable = (error: unknown): boolean =>
  error instanceof CisError && error.code === "secrets_unreadable";

Deno.test("values come back as they were set, and the key is for its owner's eyes only", () =>
  withStore(async ({ db, store, keyPath, set }) => {
    const value = "line one ü\nline two";
    await set("KEY", value);
    assert.deepEqual(valuesFor(store, "global"), { KEY: value });
    assert.equal((Deno.statSync(keyPath).mode ?? 0) & 0o777, 0o600);
    const stored = JSON.stringify(db.all("SELECT * FROM secrets"));
    assert.ok(!stored.includes("line one"));
    assert.ok(!JSON.stringify(store.list()).includes("line one"));
    await set("SAME", value);
    const texts = db.all<{ value: string }>("SELECT value FROM secrets").map((row) => row.value);
    assert.equal(new Set(texts).size, 2, "two secrets of one value must not look alike");
  }));

Deno.test("a secret of the scope counts before that of every scope; others see none of it", () =>
  withStore(async ({ store, set, db }) => {
    await set("A", "everyone's a");
    await set("A", "project's a", "project:abc");
    await set("B", "project's b", "project:abc");
    assert.deepEqual(valuesFor(store, "project:abc"), { A: "project's a", B: "project's b" });
    assert.deepEqual(valuesFor(store, "project:x"), { A: "everyone's a" });
    assert.deepEqual(store.namesFor("project:abc").sort(), ["A", "B"]);
    assert.deepEqual(store.namesFor("global"), ["A"]);
    assert.deepEqual(store.valuesFor("project:abc", (name) => name === "B").values, {
      B: "project's b",
    });
    await db.write((tx) => store.remove(tx, { name: "A", scope: "project:abc" }));
    assert.deepEqual(valuesFor(store, "project:abc"), { A: "everyone's a", B: "project's b" });
    await assert.rejects(
      db.write((tx) => store.remove(tx, { name: "A", scope: "project:abc" })),
      /no secret "A" for project:abc/,
    );
  }));

Deno.test("without its key nothing is given out, replaced or lost", () =>
  withStore(async ({ store, keyPath, set }) => {
    await set("A", "the first value");
    const key = Deno.readTextFileSync(keyPath);
    Deno.removeSync(keyPath);
    const { values, problems } = store.valuesFor("global", () => true);
    assert.deepEqual(values, {});
    assert.match(problems.join(), /secret\.key, is gone: put it back/);
    await assert.rejects(set("B", "another value"), unreadable);
    assert.throws(() => Deno.statSync(keyPath), Deno.errors.NotFound);
    Deno.writeTextFileSync(keyPath, key);
    assert.deepEqual(valuesFor(store, "global"), { A: "the first value" });
  }));

Deno.test("with another key each secret is told of, and the right one brings all back", () =>
  withStore(async ({ store, keyPath, set }) => {
    await set("A", "the first value");
    await set("B", "the second value");
    const key = Deno.readTextFileSync(keyPath);
    Deno.writeTextFileSync(keyPath, "A".repeat(43));
    const { values, problems } = store.valuesFor("global", () => true);
    assert.deepEqual(values, {});
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? "", /"A" \(every scope\) was encrypted with another key/);
    await assert.rejects(set("C", "a third value"), unreadable);
    Deno.writeTextFileSync(keyPath, "too short");
    assert.match(store.valuesFor("global", () => true).problems.join(), /doesn't hold a key/);
    Deno.writeTextFileSync(keyPath, key);
    assert.deepEqual(valuesFor(store, "global"), { A: "the first value", B: "the second value" });
  }));

Deno.test("who lost the key can remove what was under it and begin anew", () =>
  withStore(async ({ db, store, keyPath, set }) => {
    await set("A", "the first value");
    await set("B", "the second value");
    Deno.removeSync(keyPath);
    await db.write((tx) => store.remove(tx, { name: "B", scope: null }));
    await set("A", "a new value");
    assert.deepEqual(valuesFor(store, "global"), { A: "a new value" });
  }));

Deno.test("a sealed value that was moved to another name, or changed, is not opened", () =>
  withStore(async ({ db, store, set }) => {
    await set("A", "the first value");
    await set("B", "the second value");
    await db.write(() =>
      db.run(
        "UPDATE secrets SET value = (SELECT value FROM secrets WHERE name = 'B') WHERE name = 'A'",
      )
    );
    const { values, problems } = store.valuesFor("global", () => true);
    assert.deepEqual(values, { B: "the second value" });
    assert.match(problems.join(), /"A"/);
  }));

Deno.test("a secret of the scope that can't be opened isn't replaced by that of every scope", () =>
  withStore(async ({ db, store, set }) => {
    await set("A", "everyone's a");
    await set("A", "project's a", "project:abc");
    await db.write(() =>
      db.run("UPDATE secrets SET value = value || 'AAAA' WHERE scope = 'project:abc'")
    );
    const { values, problems } = store.valuesFor("project:abc", () => true);
    assert.deepEqual([values, problems.length], [{}, 1]);
  }));

Deno.test("all secrets together fit one frame to a worker", () =>
  withStore(async ({ store, set }) => {
    const value = "x".repeat(32 * 1024);
    for (let i = 0; i < 15; i++) await set(`S${i}`, value);
    await assert.rejects(set("MORE", value), /at most 524288; remove some/);
    await set("S3", "a shorter one");
    await set("MORE", value);
    assert.equal(Object.keys(valuesFor(store, "global")).length, 16);
  }));
