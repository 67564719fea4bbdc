import assert from "node:assert/strict";
import { type ConnectionSources, findConnection } from "../../lib/cli/connection.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";

const FILES: Record<string, string> = { "/data/owner.token": "owner\n", "/my.token": " mine \n" };

function find(sources: Partial<ConnectionSources> = {}): { url: string; token?: string } {
  return findConnection({
    flags: {},
    dataDir: "/data",
    localUrl: "http://127.0.0.1:6767",
    readTextFile: (path) => {
      const text = FILES[path];
      if (text === undefined) throw new Deno.errors.NotFound(`no ${path}`);
      return text;
    },
    ...sources,
  });
}

Deno.test("by itself it is the local node and its owner", () => {
  assert.deepEqual(find(), { url: "http://127.0.0.1:6767", token: "owner" });
});

Deno.test("the environment is stronger than the data directory", () => {
  assert.deepEqual(find({ url: "https://n.example/", token: "env" }), {
    url: "https://n.example",
    token: "env",
  });
});

Deno.test("flags are stronger than the environment", () => {
  const flags = { url: "http://other:1", tokenFile: "/my.token" };
  assert.deepEqual(find({ flags, url: "http://n", token: "env" }), {
    url: "http://other:1",
    token: "mine",
  });
});

Deno.test("an empty variable is one that isn't set", () => {
  assert.deepEqual(find({ url: "", token: "" }), { url: "http://127.0.0.1:6767", token: "owner" });
});

Deno.test("a token alone goes to the local node", () => {
  assert.deepEqual(find({ token: "env" }), { url: "http://127.0.0.1:6767", token: "env" });
});

for (const url of ["http://127.0.0.1:7000", "http://localhost:7000", "http://[::1]:7000"]) {
  Deno.test(`the owner's token goes to ${url}`, () => {
    assert.equal(find({ url }).token, "owner");
  });
}

for (
  const url of [
    "http://n.example:6767",
    "https://10.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example/",
  ]
) {
  Deno.test(`the owner's token never goes to ${url}`, () => {
    assert.equal("token" in find({ url }), false);
  });
}

Deno.test("without a data directory there is no token", () => {
  assert.deepEqual(find({ dataDir: "/elsewhere" }), { url: "http://127.0.0.1:6767" });
});

Deno.test("a token file that isn't there is a usage error, not a silent other token", () => {
  assert.throws(() => find({ flags: { tokenFile: "/none" } }), UsageError);
});

for (const url of ["n.example", "localhost:6767", "ftp://n", ""]) {
  Deno.test(`"${url}" is not an address`, () => {
    assert.throws(() => find({ flags: { url } }), UsageError);
  });
}
