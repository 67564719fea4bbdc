import assert from "node:assert/strict";
import { netCovers, netMeet, parseNetEntry } from "../../lib/schema/net_address.ts";
import { NetEntry } from "../../lib/schema/net_entry.ts";

const GOOD = [
  "example.org",
  "example.org:443",
  "*.example.org",
  "*.example.org:80",
  "localhost:65535",
  "10.0.0.0/8",
  "127.0.0.0/8:6767",
  "[::1]",
  "[::1]:8080",
  "under_score.internal",
];
for (const text of GOOD) {
  Deno.test(`${text} is an address`, () => assert.ok(NetEntry.safeParse(text).success));
}

const BAD = [
  "",
  "http://example.org",
  "example.org/path",
  "example.org:0",
  "example.org:65536",
  "example.org:http",
  "a,b",
  "*",
  "a.*.org",
  "::1",
  "[nonsense]",
  "300.1.2.3",
  "10.0.0.0/33",
  "two words",
];
for (const text of BAD) {
  Deno.test(`${JSON.stringify(text)} is no address`, () => {
    const { error } = NetEntry.safeParse(text);
    assert.match(error?.issues[0]?.message ?? "", /is not an address; write "host" or "host:port"/);
  });
}

Deno.test("an address is read without case and final dot", () => {
  assert.deepEqual(parseNetEntry("Example.ORG.:443"), { host: "example.org", port: 443 });
});

const COVERS: [wide: string, narrow: string, holds: boolean][] = [
  ["example.org", "example.org:443", true],
  ["example.org:443", "example.org", false],
  ["example.org:443", "EXAMPLE.org:443", true],
  ["example.org:80", "example.org:443", false],
  ["*.example.org", "a.b.example.org:1", true],
  ["*.example.org", "example.org", false],
  ["*.example.org", "badexample.org", false],
  ["example.org", "a.example.org", false],
  ["10.0.0.0/8", "10.200.3.4:22", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.0/8", "10.1.0.0/16", true],
  ["10.1.0.0/16", "10.0.0.0/8", false],
  ["127.0.0.0/8:6767", "127.0.0.1:6767", true],
  ["127.0.0.0/8:6767", "127.0.0.1:80", false],
];
for (const [wide, narrow, holds] of COVERS) {
  Deno.test(`${wide} ${holds ? "includes" : "doesn't include"} ${narrow}`, () => {
    assert.equal(netCovers(wide, narrow), holds);
  });
}

const MEETS: [one: string, other: string, both: string | undefined][] = [
  ["example.org", "example.org:443", "example.org:443"],
  ["*.example.org:443", "a.example.org", "a.example.org:443"],
  ["10.0.0.0/8:80", "10.1.2.3", "10.1.2.3:80"],
  ["example.org:80", "example.org:443", undefined],
  ["a.org", "b.org", undefined],
];
for (const [one, other, both] of MEETS) {
  Deno.test(`${one} and ${other} have ${both ?? "nothing"} in common`, () => {
    assert.equal(netMeet(one, other), both);
    assert.equal(netMeet(other, one), both);
  });
}
