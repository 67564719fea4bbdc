import assert from "node:assert/strict";
import { denoFlags } from "../../lib/worker/deno_flags.ts";
import type { GrantLists } from "../../lib/worker/grant.ts";

Deno.test("lists become flags in a fixed order", () => {
  const cases: [lists: GrantLists, flags: string[]][] = [
    [{}, []],
    [{ net: [], read: [], write: [], env: [], run: [], sys: [], ffi: [], import: [] }, []],
    [{ net: true }, ["--allow-net"]],
    [{ env: ["A"], net: ["h:1"] }, ["--allow-net=h:1", "--allow-env=A"]],
    [{ run: ["/bin/sh", "/bin/sh", "deno"] }, ["--allow-run=/bin/sh,deno"]],
    [{ read: ["/a b", "/ü=x"] }, ["--allow-read=/a b,/ü=x"]],
    [
      { import: ["h"], ffi: true, sys: ["uid"], write: ["/w"], read: true },
      ["--allow-read", "--allow-write=/w", "--allow-sys=uid", "--allow-ffi", "--allow-import=h"],
    ],
  ];
  for (const [lists, flags] of cases) assert.deepEqual(denoFlags("allow", lists), flags);
  assert.deepEqual(denoFlags("deny", { net: true, run: ["x"] }), ["--deny-net", "--deny-run=x"]);
});

Deno.test("an entry that Deno would read as something else is refused, with its flag", () => {
  // `--allow-read=/a,/` would open everything, `--allow-read=` too.
  assert.throws(() => denoFlags("allow", { read: ["/a,/"] }), {
    name: "TypeError",
    message:
      '"/a,/" can\'t stand in --allow-read: Deno would split it at the comma; use another name',
  });
  for (const entry of ["", " ", "\t\n"]) {
    assert.throws(() => denoFlags("deny", { net: [entry] }), {
      name: "TypeError",
      message: "--deny-net can't have an empty entry; name something or remove it",
    });
  }
});
