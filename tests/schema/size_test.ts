import assert from "node:assert/strict";
import fc from "fast-check";
import { formatSize, parseSize, Size, sizeBytes } from "../../lib/schema/size.ts";

Deno.test("parseSize reads 1024-based and 1000-based units and bytes", () => {
  const cases: [string | number, number][] = [
    ["512MiB", 512 * 1024 ** 2],
    ["1KiB", 1024],
    ["2GiB", 2 * 1024 ** 3],
    ["1TiB", 1024 ** 4],
    ["1KB", 1000],
    ["3MB", 3_000_000],
    ["1.5GB", 1_500_000_000],
    ["1TB", 1000 ** 4],
    ["10B", 10],
    ["10", 10],
    ["1 mib", 1024 ** 2],
    [4096, 4096],
    [0, 0],
  ];
  for (const [value, bytes] of cases) assert.equal(parseSize(value), bytes, String(value));
});

Deno.test("parseSize refuses what is not a size", () => {
  for (
    const value of ["", "MiB", "-1B", "1XB", "1M", "1iB", "1e3", "x", -1, NaN, Infinity, 1e300]
  ) {
    assert.equal(parseSize(value), undefined, String(value));
  }
});

Deno.test("formatSize takes the largest unit that divides exactly", () => {
  const cases: [number, string][] = [
    [0, "0B"],
    [1, "1B"],
    [1000, "1KB"],
    [1024, "1KiB"],
    [1_024_000, "1000KiB"],
    [1_500_000, "1500KB"],
    [512 * 1024 ** 2, "512MiB"],
    [1024 ** 3, "1GiB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatSize(bytes), text);
});

Deno.test("formatSize and parseSize are inverse", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => {
    fc.pre(bytes < 1e15);
    assert.equal(parseSize(formatSize(bytes)), bytes);
    assert.equal(sizeBytes(formatSize(bytes)), bytes);
  }));
});

Deno.test("sizeBytes names what it cannot read", () => {
  assert.throws(() => sizeBytes("big"), { name: "RangeError", message: /"big"/ });
});

Deno.test("Size comes out canonical", () => {
  for (const value of [536870912, "536870912", "512MiB", "0.5GiB", "524288KiB"]) {
    assert.equal(Size.parse(value), "512MiB");
  }
  for (const bad of ["x", true, null]) assert.ok(!Size.safeParse(bad).success);
});
