/** Tokens that stand for an account on the homeserver. */
import assert from "node:assert/strict";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { expectProblem, getJson } from "./api_fixture.ts";

const YOU = "@you:example.org";

function bind(more: object = {}): { method: string; body: object } {
  return { method: "POST", body: { user_id: YOU, roles: ["approver"], ...more } };
}

Deno.test("an account has a token of its own, whose secret nobody gets", async () => {
  await withStillNode(async ({ fetch, node }) => {
    const made = await getJson(fetch, "/api/v1/tokens/bind", bind({ scopes: ["project:abc"] }));
    assert.equal(made.token, undefined);
    assert.deepEqual([made.name, made.bound_to, made.roles], [YOU, YOU, ["approver"]]);
    assert.equal(node.tokens.boundTo(YOU)?.token_id, made.token_id);
    assert.equal(node.tokens.boundTo("@other:example.org"), undefined);
    assert.deepEqual(await getJson(fetch, `/api/v1/tokens/${made.token_id}`), made);
    const { entries } = await getJson(fetch, "/api/v1/audit?action=token.bind");
    assert.deepEqual(entries[0].detail, {
      user_id: YOU,
      name: YOU,
      roles: ["approver"],
      scopes: ["project:abc"],
    });
  });
});

Deno.test("bound again, the token that the account had ends", async () => {
  await withStillNode(async ({ fetch, node }) => {
    const first = await getJson(fetch, "/api/v1/tokens/bind", bind());
    const second = await getJson(
      fetch,
      "/api/v1/tokens/bind",
      bind({ roles: ["viewer"], name: "you" }),
    );
    const before = await getJson(fetch, `/api/v1/tokens/${first.token_id}`);
    assert.notEqual(before.revoked_at, null);
    assert.equal(before.bound_to, null);
    assert.deepEqual(node.tokens.principal(second.token_id)?.roles, ["viewer"]);
    assert.equal(node.tokens.boundTo(YOU)?.name, "you");
  });
});

Deno.test("a limited admin binds within its own scopes only, also in place of others", async () => {
  await withStillNode(async (test) => {
    const { fetch } = test;
    const token = await test.as(["admin"], { scopes: ["project:abc"] });
    const refused = { code: "scope_not_allowed", token } as const;
    await expectProblem(fetch, "/api/v1/tokens/bind", { ...bind(), ...refused });
    await getJson(fetch, "/api/v1/tokens/bind", bind());
    const limited = bind({ scopes: ["project:abc"] });
    await expectProblem(fetch, "/api/v1/tokens/bind", { ...limited, ...refused });
  });
});

Deno.test("an admin who is one in a room only isn't the one that manages the node", async () => {
  await withStillNode(async (test) => {
    const { fetch, node } = test;
    await getJson(fetch, "/api/v1/tokens/bind", bind({ roles: ["admin"] }));
    const owner = node.tokens.list().find(({ bound_to }) => bound_to === null);
    await expectProblem(fetch, `/api/v1/tokens/${owner?.token_id}`, {
      method: "DELETE",
      code: "invalid_state",
    });
  });
});

Deno.test("what is no Matrix id is not bound", async () => {
  await withStillNode(async ({ fetch }) => {
    for (const user_id of ["you", "@you", "you:example.org", "@you:", "@a b:example.org", ""]) {
      const code = "invalid_request";
      await expectProblem(fetch, "/api/v1/tokens/bind", { ...bind({ user_id }), code });
    }
  });
});
