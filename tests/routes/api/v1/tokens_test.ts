/** Tokens: shown once, ended at once, and never more than who makes them has. */
import assert from "node:assert/strict";
import { FakeClock } from "../../../helpers/fake_clock.ts";
import { publishDag, tokenIdOf } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf, expectProblem, getJson, withApi } from "./api_fixture.ts";

function post(body: object): { method: string; body: object } {
  return { method: "POST", body };
}

Deno.test("a token is in the answer that makes it and nowhere else", async () => {
  await withStillNode(async ({ fetch, node, dataDir }) => {
    const made = await getJson(
      fetch,
      "/api/v1/tokens",
      post({ name: "ci", roles: ["publisher"], scopes: ["project:abc"], expires_in: "30d" }),
    );
    assert.match(made.token, /^did:cis:node1:[A-Za-z0-9_-]{43}$/);
    const { token, ...view } = made;
    const secret = token.split(":").at(-1);
    assert.deepEqual(await getJson(fetch, `/api/v1/tokens/${made.token_id}`), view);
    for (const path of ["/api/v1/tokens", "/api/v1/audit", `/api/v1/tokens/${made.token_id}`]) {
      assert.ok(!JSON.stringify(await getJson(fetch, path)).includes(secret), path);
    }
    const who = await getJson(fetch, "/api/v1/whoami", { token });
    assert.deepEqual([who.name, who.roles, who.scopes], ["ci", ["publisher"], ["project:abc"]]);
    await node.db.write(() => {});
    for (const { name } of Deno.readDirSync(dataDir)) {
      const bytes = await Deno.readFile(`${dataDir}/${name}`).catch(() => new Uint8Array());
      assert.ok(!new TextDecoder("latin1").decode(bytes).includes(secret), `it is in ${name}`);
    }
    // A name, not a key.
    await expectProblem(fetch, "/api/v1/whoami", { code: "unauthenticated", token: made.did });
  });
});

Deno.test("a token ends when it is revoked or its time is over", async () => {
  const clock = new FakeClock();
  await withStillNode(async ({ fetch }) => {
    const make = async (body: object): Promise<{ token: string; token_id: string }> =>
      await getJson(fetch, "/api/v1/tokens", post({ name: "t", roles: ["viewer"], ...body }));
    const short = await make({ expires_in: "1h" });
    const long = await make({});
    clock.jump(3_600_000 - 1);
    await getJson(fetch, "/api/v1/whoami", { token: short.token });
    clock.jump(1);
    const refused = { code: "unauthenticated" } as const;
    await expectProblem(fetch, "/api/v1/whoami", { ...refused, token: short.token });
    const path = `/api/v1/tokens/${long.token_id}`;
    const first = await getJson(fetch, path, { method: "DELETE" });
    assert.notEqual(first.revoked_at, null);
    await expectProblem(fetch, "/api/v1/whoami", { ...refused, token: long.token });
    clock.jump(1000);
    assert.deepEqual(await getJson(fetch, path, { method: "DELETE" }), first, "once more is fine");
  }, { clock });
});

Deno.test("what is no token opens nothing", async () => {
  await withStillNode(async (test) => {
    const secret = test.token.split(":").at(-1) ?? "";
    const headers = [
      "",
      "Bearer",
      "Bearer ",
      `Basic ${btoa(`x:${secret}`)}`,
      `Bearer ${secret}`,
      `Bearer did:cis:other:${secret}`,
      `Bearer did:cis:node1:${secret}x`,
      `Bearer did:cis:node1:${secret.slice(1)}`,
      `Bearer did:cis:node1:${secret.toUpperCase()}`,
      `Bearer did:cis:node1:`,
      `Bearer did:key:node1:${secret}`,
      `Bearer ${test.token} ${test.token}`,
      `Bearer ${"x".repeat(10_000)}`,
    ];
    for (const authorization of headers) {
      const init = { token: null, headers: { authorization }, code: "unauthenticated" } as const;
      await expectProblem(test.fetch, "/api/v1/whoami", init);
      await expectProblem(test.fetch, "/metrics", init);
    }
    const lower = { token: null, headers: { authorization: `bearer ${test.token}` } };
    assert.equal((await test.fetch("/api/v1/whoami", lower)).status, 200);
    const response = await test.fetch("/api/v1/whoami", { token: null });
    assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
    await response.body?.cancel();
  });
});

Deno.test("bodies that describe no token", async () => {
  await withStillNode(async ({ fetch, node }) => {
    const before = node.tokens.list().length;
    const bodies: readonly object[] = [
      {},
      { name: "t" },
      { name: "", roles: ["viewer"] },
      { name: "t", roles: [] },
      { name: "t", roles: ["king"] },
      { name: "t", roles: "viewer" },
      { name: "t", roles: ["viewer"], scopes: ["moon"] },
      { name: "t", roles: ["viewer"], scopes: ["project:../x"] },
      { name: "t", roles: ["viewer"], expires_in: "soon" },
      { name: "t", roles: ["viewer"], expires_in: 0 },
      { name: "t", roles: ["viewer"], expires_in: -1 },
      { name: "t", roles: ["viewer"], expires_in: 1e13 },
      { name: "t", roles: ["viewer"], expires_in: "3651d" },
      { name: "t", roles: ["viewer"], expires_in: 1e300 },
      { name: "x".repeat(101), roles: ["viewer"] },
      { name: "t", roles: ["viewer"], admin: true },
    ];
    for (const body of bodies) {
      await expectProblem(fetch, "/api/v1/tokens", { code: "invalid_request", ...post(body) });
    }
    assert.equal(node.tokens.list().length, before);
  });
});

Deno.test("an admin of one scope neither makes, sees nor ends what reaches further", async () => {
  await withStillNode(async (test) => {
    const { fetch, node } = test;
    const token = await test.as(["admin"], { scopes: ["project:abc", "user:u"] });
    const owner = tokenIdOf(node, test.token);
    const make = (scopes: readonly string[] | undefined): object =>
      post({ name: "t", roles: ["admin"], ...(scopes === undefined ? {} : { scopes }) });
    for (const scopes of [undefined, ["global"], ["project:abc", "project:x"]]) {
      const init = { code: "scope_not_allowed", ...make(scopes), token } as const;
      await expectProblem(fetch, "/api/v1/tokens", init);
    }
    const own = await getJson(fetch, "/api/v1/tokens", { ...make(["project:abc"]), token });
    const { tokens } = await getJson(fetch, "/api/v1/tokens", { token });
    assert.deepEqual(
      tokens.map(({ token_id }: { token_id: string }) => token_id).toSorted(),
      [own.token_id, tokenIdOf(node, token)].toSorted(),
    );
    for (const method of ["GET", "DELETE"]) {
      const init = { method, code: "scope_not_allowed", token } as const;
      await expectProblem(fetch, `/api/v1/tokens/${owner}`, init);
    }
    await expectProblem(fetch, "/api/v1/audit", { code: "scope_not_allowed", token });
    const path = `/api/v1/tokens/${own.token_id}`;
    assert.notEqual((await getJson(fetch, path, { method: "DELETE", token })).revoked_at, null);
    assert.equal(node.tokens.get(owner).revoked_at, null);
  });
});

Deno.test("the last admin for every scope stays", async () => {
  await withStillNode(async (test) => {
    const { fetch, node } = test;
    await test.as(["admin"], { scopes: ["project:abc"] });
    await test.as(["admin"], { expiresAt: node.db.now() });
    const path = `/api/v1/tokens/${tokenIdOf(node, test.token)}`;
    await expectProblem(fetch, path, { method: "DELETE", code: "invalid_state" });
    assert.equal((await getJson(fetch, "/api/v1/whoami")).name, "admin");
    const second = await test.as(["admin"]);
    await getJson(fetch, path, { method: "DELETE", token: second });
    await expectProblem(fetch, "/api/v1/whoami", { code: "unauthenticated" });
  });
});

Deno.test("an admin of one scope has no hand in another scope's workers", async () => {
  await withApi(async (test) => {
    const { fetch, worker } = test;
    const token = await test.as(["admin"], { scopes: ["project:other"] });
    const code = "scope_not_allowed";
    for (const action of ["stop", "restart"]) {
      const path = `/api/v1/workers/${worker.id}/${action}`;
      await expectProblem(fetch, path, { method: "POST", code, token });
    }
    await expectProblem(fetch, `/api/v1/workers/${worker.id}`, { code, token });
    const body = { scope: { type: "project", project_id: "abc" } };
    await expectProblem(fetch, "/api/v1/workers", { ...post(body), code, token });
    assert.equal((await getJson(fetch, "/api/v1/workers", { token })).count, 0);
    assert.equal(test.node.supervisor.get(worker.id).status, "running");
  });
});

Deno.test("the audit log says who did what, newest first, filtered and in pages", async () => {
  await withStillNode(async (test) => {
    const { fetch, node } = test;
    const token = await test.as(["publisher"]);
    for (const id of ["a", "b", "c"]) await publishDag(fetch, dagOf(id), token);
    await getJson(fetch, "/api/v1/dag/b/reject", post({ reason: "because" }));
    const { entries } = await getJson(fetch, "/api/v1/audit?target=b");
    assert.deepEqual(
      entries.map((
        entry: { action: string; token_name: string; detail: object },
      ) => [entry.action, entry.token_name]),
      [["dag.reject", "admin"], ["dag.publish", "publisher"]],
    );
    assert.equal(entries[0].detail.reason, "because");
    const mine = await getJson(fetch, `/api/v1/audit?token_id=${tokenIdOf(node, token)}&limit=2`);
    assert.deepEqual(mine.entries.map(({ target }: { target: string }) => target), ["c", "b"]);
    const next = await getJson(
      fetch,
      `/api/v1/audit?token_id=${tokenIdOf(node, token)}&cursor=${mine.next_cursor}`,
    );
    assert.deepEqual(next.entries.map(({ target }: { target: string }) => target), ["a"]);
    assert.equal((await getJson(fetch, "/api/v1/audit?action=dag.confirm")).count, 0);
  });
});
