import assert from "node:assert/strict";
import { json, problem } from "../api/fake_fetch.ts";
import { runFake } from "./fake_system.ts";
import { tokenView } from "./samples.ts";

const created = { ...tokenView(), token: "did:cis:node1:secret" };

Deno.test("create writes the token alone on stdout", async () => {
  const { code, out, err, sent } = await runFake([
    ...["token", "create", "--name", "ci", "--role", "publisher", "--role", "viewer"],
    ...["--scope", "project:abc", "--expires-in", "30d"],
  ], { routes: { "POST /api/v1/tokens": json(created, 201) } });
  assert.deepEqual([code, out], [0, "did:cis:node1:secret\n"]);
  assert.match(err, /ci: publisher for project:abc, without end\./);
  assert.match(err, /not shown again.*deno task token revoke tok-1/);
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), {
    name: "ci",
    roles: ["publisher", "viewer"],
    scopes: ["project:abc"],
    expires_in: "30d",
  });
});

Deno.test("create without scope and end is for every scope, without end", async () => {
  const answer = { ...created, scopes: null, expires_at: "2026-04-01T00:00:00.000Z" };
  const { err, sent } = await runFake(["token", "create", "--name", "a", "--role", "admin"], {
    routes: { "POST /api/v1/tokens": json(answer, 201) },
  });
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), { name: "a", roles: ["admin"] });
  assert.match(err, /for every scope, until 2026-04-01 00:00:00Z/);
});

Deno.test("create --json is the answer", async () => {
  const { out } = await runFake(["token", "create", "--name", "a", "--role", "admin", "--json"], {
    routes: { "POST /api/v1/tokens": json(created, 201) },
  });
  assert.deepEqual(JSON.parse(out), created);
});

for (
  const [what, argv, said] of [
    ["no name", ["--role", "admin"], /--name/],
    ["no role", ["--name", "a"], /--role/],
    [
      "an unknown role",
      ["--name", "a", "--role", "boss"],
      /viewer, publisher, approver, admin, node/,
    ],
  ] as const
) {
  Deno.test(`create with ${what} is a usage error`, async () => {
    const { code, err, sent } = await runFake(["token", "create", ...argv]);
    assert.deepEqual([code, sent], [2, []]);
    assert.match(err, said);
  });
}

Deno.test("bind says who somebody in the control room is", async () => {
  const bound = tokenView({ name: "@you:example.org", roles: ["approver"], scopes: null });
  const { code, out, err, sent } = await runFake(
    ["token", "bind", "@you:example.org", "--role", "approver"],
    { routes: { "POST /api/v1/tokens/bind": json(bound, 201) } },
  );
  assert.deepEqual([code, out], [
    0,
    "@you:example.org is approver for every scope from now on.\n",
  ]);
  assert.match(err, /deno task token revoke tok-1/);
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), {
    user_id: "@you:example.org",
    roles: ["approver"],
  });
});

Deno.test("list tells who may what, and which tokens are over", async () => {
  const tokens = [
    tokenView(),
    tokenView({ token_id: "tok-2", scopes: null, expires_at: "2026-03-03T12:00:00.000Z" }),
    tokenView({ token_id: "tok-3", revoked_at: "2026-03-01T11:00:00.000Z" }),
  ];
  const { out } = await runFake(["token", "list"], {
    routes: { "GET /api/v1/tokens": json({ count: 3, next_cursor: null, tokens }) },
  });
  assert.match(out, /^tok-1 +ci +publisher +project:abc +never$/m);
  assert.match(out, /^tok-2 +ci +publisher +every +never +ends in 2 d$/m);
  assert.match(out, /^tok-3 .*revoked$/m);
});

Deno.test("revoke ends a token; one that isn't there exits with 3", async () => {
  const routes = {
    "DELETE /api/v1/tokens/tok-1": json(tokenView()),
    "DELETE /api/v1/tokens/none": problem(404, "token_not_found"),
  };
  const { code, out } = await runFake(["token", "revoke", "tok-1"], { routes });
  assert.deepEqual([code, out], [0, "The token tok-1 can't be used any more.\n"]);
  assert.equal((await runFake(["token", "revoke", "none"], { routes })).code, 3);
});

Deno.test("whoami tells whose token it is", async () => {
  const answer = { token_id: "t", name: "owner", roles: ["admin"], scopes: null, node_id: "node1" };
  const { out } = await runFake(["token", "whoami"], {
    routes: { "GET /api/v1/whoami": json(answer) },
  });
  assert.match(out, /name +owner\n.*token +t\n.*roles +admin\n.*scopes +every\n.*node +node1/);
});

Deno.test("link writes the link alone on stdout, and how long it works", async () => {
  const url = "http://127.0.0.1:6767/sign-in?ticket=abc";
  const routes = { "POST /api/v1/sign-in-link": json({ url, expires_in_sec: 900 }) };
  const { code, out, err } = await runFake(["token", "link"], { routes });
  assert.deepEqual([code, out], [0, `${url}\n`]);
  assert.match(err, /signs one browser in, within 15 min\./);
  const asJson = await runFake(["token", "link", "--json"], { routes });
  assert.deepEqual(JSON.parse(asJson.out), { url, expires_in_sec: 900 });
  const refused = { "POST /api/v1/sign-in-link": problem(401, "unauthenticated") };
  assert.equal((await runFake(["token", "link"], { routes: refused })).code, 5);
});
