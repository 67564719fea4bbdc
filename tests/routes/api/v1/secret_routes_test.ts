/** The API's side of secrets: they go in and never come out. */
import assert from "node:assert/strict";
import { call, publishDag, type TestNode, withNode } from "../../../helpers/test_node.ts";
import type { SecretList, SecretView } from "../../../../lib/schema/secret.ts";

const VALUE = "correct-horse-battery";

function put(test: TestNode, name: string, body: object, token?: string): Promise<Response> {
  return test.fetch(`/api/v1/secrets/${name}`, {
    method: "PUT",
    body,
    ...(token === undefined ? {} : { token }),
    headers: { "idempotency-key": "k1" },
  });
}

async function problemOf(response: Response): Promise<[number, string, string]> {
  const text = await response.text();
  assert.ok(!text.includes(VALUE), text);
  const { code, detail } = JSON.parse(text);
  return [response.status, code, detail];
}

Deno.test("a secret is set, listed, replaced and removed, and its value is in no answer", async () => {
  await withNode(async (test) => {
    const set = await put(test, "NPM_TOKEN", { value: VALUE, scope: "project:abc" });
    const text = await set.text();
    assert.equal(set.status, 200, text);
    assert.ok(!text.includes(VALUE));
    const view = JSON.parse(text) as SecretView;
    assert.deepEqual([view.name, view.scope], ["NPM_TOKEN", "project:abc"]);
    await (await put(test, "NPM_TOKEN", { value: `${VALUE}2` })).body?.cancel();
    const list = await call<SecretList>(test.fetch, "/api/v1/secrets");
    assert.deepEqual(list.secrets.map(({ name, scope }) => [name, scope]), [
      ["NPM_TOKEN", null],
      ["NPM_TOKEN", "project:abc"],
    ]);
    assert.ok(!JSON.stringify(list).includes(VALUE));
    await call(test.fetch, "/api/v1/secrets/NPM_TOKEN?scope=project:abc", { method: "DELETE" });
    const gone = await test.fetch("/api/v1/secrets/NPM_TOKEN?scope=project:abc", {
      method: "DELETE",
    });
    assert.deepEqual((await problemOf(gone)).slice(0, 2), [404, "secret_not_found"]);
    assert.equal((await call<SecretList>(test.fetch, "/api/v1/secrets")).count, 1);
  });
});

Deno.test("who set and removed what is in the audit table, and no value anywhere", async () => {
  await withNode(async (test) => {
    await (await put(test, "A", { value: VALUE })).body?.cancel();
    await call(test.fetch, "/api/v1/secrets/A", { method: "DELETE" });
    const { db } = test.node;
    const rows = db.all("SELECT action, target, outcome, detail FROM audit ORDER BY rowid");
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { action: "secret.set", target: "A", outcome: "done", detail: '{"scope":null}' },
      { action: "secret.remove", target: "A", outcome: "done", detail: '{"scope":null}' },
    ]);
    // The hash of a body is as good as a short body: kept answers have one, and this has no such.
    const kept = db.all<{ path: string }>("SELECT * FROM idempotency_keys");
    assert.ok(!JSON.stringify(kept).includes('"k1"'), JSON.stringify(kept));
  });
});

for (
  const [what, name, body, said] of [
    ["a short value", "A", { value: " short " }, /at least 8 characters.*masked/],
    ["a long value", "A", { value: "x".repeat(32 * 1024 + 1) }, /at most 32768 bytes/],
    ["a NUL", "A", { value: `${VALUE}\0` }, /without NUL/],
    ["a value that is no text", "A", { value: 12345678 }, /is a string/],
    ["a name that is none", "1A", { value: VALUE }, /cannot name an environment variable/],
    ["a name of the system", "CIS_A", { value: VALUE }, /reserved/],
    ["a scope that is none", "A", { value: VALUE, scope: "abc" }, /"abc" is not a scope/],
    ["an unknown field", "A", { value: VALUE, expires: 1 }, /expires/],
  ] as const
) {
  Deno.test(`setting a secret with ${what} is refused`, async () => {
    await withNode(async (test) => {
      const [status, code, detail] = await problemOf(await put(test, name, body));
      assert.deepEqual([status, code], [400, "invalid_request"]);
      assert.match(detail, said);
      assert.deepEqual(test.node.secrets.list(), []);
    });
  });
}

Deno.test("secrets are for admins, and a token of some scopes has to do with those of these alone", async () => {
  await withNode(async (test) => {
    await (await put(test, "A", { value: VALUE })).body?.cancel();
    await (await put(test, "B", { value: VALUE, scope: "project:abc" })).body?.cancel();
    const approver = await test.as(["approver", "publisher"]);
    assert.equal((await put(test, "A", { value: VALUE }, approver)).status, 403);
    assert.equal((await test.fetch("/api/v1/secrets", { token: approver })).status, 403);
    const scoped = await test.as(["admin"], { scopes: ["project:abc"] });
    const list = await call<SecretList>(test.fetch, "/api/v1/secrets", { token: scoped });
    assert.deepEqual(list.secrets.map(({ name }) => name), ["B"]);
    for (const scope of [undefined, "project:x"]) {
      const refused = await problemOf(await put(test, "A", { value: VALUE, scope }, scoped));
      assert.deepEqual(refused.slice(0, 2), [403, "scope_not_allowed"]);
    }
    assert.equal(
      (await put(test, "C", { value: VALUE, scope: "project:abc" }, scoped)).status,
      200,
    );
  });
});

Deno.test("publishing warns of each secret that isn't there for the DAG's scope", async () => {
  await withNode(async (test) => {
    await (await put(test, "HERE", { value: VALUE })).body?.cancel();
    await (await put(test, "ELSEWHERE", { value: VALUE, scope: "project:x" })).body?.cancel();
    const { warnings } = await publishDag(test.fetch, {
      dag_id: "a",
      scope: { type: "project", project_id: "abc" },
      tasks: [
        { id: "a", type: "shell", command: "true", secrets: ["HERE", "ELSEWHERE"] },
        { id: "b", type: "shell", command: "true", secrets: ["NOWHERE", "ELSEWHERE"] },
      ],
    });
    assert.deepEqual(warnings.map(({ path, code }) => [path, code]), [
      ["tasks[0].secrets[1]", "unknown_secret"],
      ["tasks[1].secrets[0]", "unknown_secret"],
    ]);
    assert.match(warnings[0]?.message ?? "", /no secret "ELSEWHERE" for this scope/);
  });
});

Deno.test("a single task that is issued is warned of as well", async () => {
  await withNode(async (test) => {
    const body = { command: "true", secrets: ["NOWHERE"] };
    const answer = await test.fetch("/api/v1/task/issue", { method: "POST", body });
    const { warnings } = await answer.json() as { warnings: { code: string }[] };
    assert.deepEqual(warnings.map(({ code }) => code), ["unknown_secret"]);
  });
});

Deno.test("the place of a worker in a terminal is answered without secrets", async () => {
  await withNode(async (test) => {
    await (await put(test, "A", { value: VALUE })).body?.cancel();
    const answer = await test.fetch("/api/v1/workers", {
      method: "POST",
      body: { scope: { type: "global" } },
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    assert.ok(!text.includes(VALUE));
    assert.deepEqual(JSON.parse(text).bootstrap.secrets, {});
  });
});
