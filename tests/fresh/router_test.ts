import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Router } from "../../lib/fresh/router.ts";

function routerOf(...patterns: string[]): Router<string> {
  const router = new Router<string>();
  for (const pattern of patterns) router.add("GET", pattern, pattern);
  return router;
}

function find(router: Router<string>, path: string): { item: string | null; params: object } {
  const { item, params } = router.match("GET", new URL(path, "http://localhost"));
  return { item, params: { ...params } };
}

Deno.test("an exact path wins over every pattern, whatever the order", () => {
  const router = routerOf("/posts/:id", "/posts/*", "/posts/featured");
  equal(find(router, "/posts/featured").item, "/posts/featured");
  equal(find(router, "/posts/other").item, "/posts/:id");
});

Deno.test("among patterns the first registered wins", () => {
  equal(find(routerOf("/:a/b", "/x/:c"), "/x/b").item, "/:a/b");
  equal(find(routerOf("/x/:c", "/:a/b"), "/x/b").item, "/x/:c");
  equal(find(routerOf("/*", "/x/:c"), "/x/b").item, "/*");
  equal(find(routerOf("/x-:a", "/:b"), "/x-1").item, "/x-:a");
  equal(find(routerOf("/:b", "/x-:a"), "/x-1").item, "/:b");
});

Deno.test("params are named after the pattern that matched", () => {
  const router = routerOf("/a/:x/one", "/a/:y/two", "/b/:rest*", "/c/:some+", "/d/*");
  deepEqual(find(router, "/a/1/one").params, { x: "1" });
  deepEqual(find(router, "/a/2/two").params, { y: "2" });
  deepEqual(find(router, "/b"), { item: "/b/:rest*", params: { rest: "" } });
  deepEqual(find(router, "/b/1/2").params, { rest: "1/2" });
  equal(find(router, "/c").item, null);
  deepEqual(find(router, "/c/1/2").params, { some: "1/2" });
  deepEqual(find(router, "/d/1/2").params, { 0: "1/2" });
  deepEqual(find(router, "/d/"), { item: "/d/*", params: { 0: "" } });
  equal(find(router, "/d").item, null);
});

Deno.test("optional segments, mixed segments and regular expressions match", () => {
  const router = routerOf("/docs{/:v}?", "/x/:mod@:ver/:path*", "/n/:id(\\d+)", "/f/:name.json");
  deepEqual(find(router, "/docs"), { item: "/docs{/:v}?", params: { v: "" } });
  deepEqual(find(router, "/docs/2").params, { v: "2" });
  deepEqual(find(router, "/x/std@1.0/fs/mod.ts").params, {
    mod: "std",
    ver: "1.0",
    path: "fs/mod.ts",
  });
  deepEqual(find(router, "/n/12").params, { id: "12" });
  equal(find(router, "/n/twelve").item, null);
  deepEqual(find(router, "/f/a.json").params, { name: "a" });
});

Deno.test("params are decoded, except for reserved characters", () => {
  const router = routerOf("/p/:id");
  deepEqual(find(router, "/p/a%20b%C3%A9").params, { id: "a bé" });
  deepEqual(find(router, "/p/a%2Fb").params, { id: "a%2Fb" });
  deepEqual(find(router, "/p/%E0%A4%A").params, { id: "%E0%A4%A" });
});

Deno.test("an exact path is found with and without a slash at its end", () => {
  equal(find(routerOf("/about"), "/about/").item, "/about");
  equal(find(routerOf("/about/"), "/about").item, "/about/");
  equal(find(routerOf("/p/:id"), "/p/1/").item, null);
  equal(find(routerOf("/naïve"), "/naïve").item, "/naïve");
});

Deno.test("an unknown method yields the methods that are allowed", () => {
  const router = routerOf("/a/:id");
  router.add("POST", "/a/:id", "post");
  const { pattern, item, allowed } = router.match("PUT", new URL("http://localhost/a/1"));
  deepEqual({ pattern, item, allowed }, {
    pattern: "/a/:id",
    item: null,
    allowed: ["GET", "POST", "HEAD"],
  });
  equal(router.match("HEAD", new URL("http://localhost/a/1")).item, "/a/:id");
});

Deno.test("the first registration for a method and pattern stays", () => {
  const router = routerOf("/a");
  router.add("GET", "/a", "second");
  equal(find(router, "/a").item, "/a");
});

const segment = fc.constantFrom("a", "b", "c-d", ":x", ":y", "x-:z");
const ending = fc.constantFrom("", "", "/*", "/:r*", "/:r+", "{/:o}?");
const pattern = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), ending)
  .map(([segments, end]) => {
    const seen = new Set<string>(); // a name may occur once in a pattern
    const unique = segments.filter((s) => !s.includes(":") || !seen.has(s) && seen.add(s));
    return `/${(unique.length > 0 ? unique : ["a"]).join("/")}${end}`;
  });
const path = fc.array(fc.constantFrom("a", "b", "c-d", "x-1", "z", "%20", ""), { maxLength: 5 })
  .map((segments) => `/${segments.join("/")}`.replaceAll(/\/{2,}/g, "/"));

/** What the documentation says, in the plainest way: exact paths, then patterns in order. */
function reference(patterns: string[], path: string): { item: string | null; params: object } {
  const isExact = (p: string): boolean => !/[:*{]/.test(p);
  const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
  const exact = [path, other].find((p) => patterns.includes(p) && isExact(p));
  if (exact !== undefined) return { item: exact, params: {} };
  for (const pattern of patterns.filter((p) => !isExact(p))) {
    const groups = new URLPattern({ pathname: pattern }).exec({ pathname: path })?.pathname.groups;
    if (groups === undefined) continue;
    const params = Object.entries(groups).map(([name, value]) => [name, decodeURI(value ?? "")]);
    return { item: pattern, params: Object.fromEntries(params) };
  }
  return { item: null, params: {} };
}

Deno.test("the router finds what a list of URLPatterns would", () => {
  const cases = fc.tuple(fc.uniqueArray(pattern, { minLength: 1, maxLength: 8 }), path);
  fc.assert(
    fc.property(cases, ([patterns, path]) => {
      deepEqual(find(routerOf(...patterns), path), reference(patterns, path));
    }),
    { numRuns: 1000 },
  );
});
