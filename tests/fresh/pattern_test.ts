import { equal, throws } from "node:assert/strict";
import { fileToPattern, joinPath, scopeSegments } from "../../lib/fresh/pattern.ts";

Deno.test("file names become URL patterns", () => {
  const patterns = {
    "index": "/",
    "about": "/about",
    "blog/index": "/blog",
    "blog/[slug]": "/blog/:slug",
    "blog/[slug]/comments": "/blog/:slug/comments",
    "old/[...path]": "/old/:path*",
    "docs/[[version]]/index": "/docs{/:version}?",
    "[[name]]": "/{:name}?",
    "(group)/[[name]]": "/{:name}?",
    "(marketing)/about": "/about",
    "(a)/index": "/",
    "x/[mod]@[ver]": "/x/:mod@:ver",
    "f/[name].json": "/f/:name.json",
  };
  for (const [id, pattern] of Object.entries(patterns)) equal(fileToPattern(id), pattern);
  equal(fileToPattern("(a)/b/index", { keepGroups: true }), "/(a)/b");
});

Deno.test("names that mean nothing are refused", () => {
  for (const id of ["[a][b]", "x-[[a]]", "[[a]]-x", "[a", "a]", "x-[...rest]"]) {
    throws(() => fileToPattern(id), SyntaxError, id);
  }
});

Deno.test("paths are joined below a base", () => {
  equal(joinPath("", "/a"), "/a");
  equal(joinPath("/base", "/"), "/base");
  equal(joinPath("", "/"), "/");
  equal(joinPath("/base", "*"), "/base/*");
  equal(joinPath("/base/*", "/a"), "/base/a");
  equal(joinPath("*", "/a"), "/a");
  equal(joinPath("/", "/a"), "/a");
});

Deno.test("a scope's path ignores wildcards and optional segments", () => {
  for (const path of ["/admin", "/admin/*", "/admin/", "/admin{/:x}?"]) {
    equal(scopeSegments(path).join(), "admin");
  }
  equal(scopeSegments("*").length, 0);
});
