import assert from "node:assert/strict";
import { crashesInRow, describeEnd, restartWait } from "../../lib/worker/restart_policy.ts";

Deno.test("waits grow by four from 50 ms to 30 s", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 50, 1000].map((crashes) => restartWait(crashes, 0.5));
  assert.deepEqual(waits, [50, 200, 800, 3_200, 12_800, 30_000, 30_000, 30_000, 30_000]);
});

Deno.test("a fifth more or less, by chance", () => {
  assert.deepEqual([0, 0.25, 1].map((random) => restartWait(2, random)), [160, 180, 240]);
});

Deno.test("crashes count in a row, and a steady minute forgives the earlier ones", () => {
  assert.equal(crashesInRow(0, 0), 1);
  assert.equal(crashesInRow(4, 59_999), 5);
  assert.equal(crashesInRow(4, 60_000), 1);
});

Deno.test("the end of a process in words", () => {
  const cases: [code: number, signal: string | null, lines: string[], words: string][] = [
    [0, null, ["ignored"], "the process ended with code 0"],
    [3, null, [], "the process ended with code 3"],
    [
      1,
      null,
      ["", "  error: no such file", "more"],
      "the process ended with code 1: error: no such file",
    ],
    [137, "SIGKILL", [], "the process was ended by SIGKILL"],
    [133, "SIGTRAP", ["# Fatal"], "the process was ended by SIGTRAP: # Fatal"],
  ];
  for (const [code, signal, lines, words] of cases) {
    assert.equal(describeEnd({ code, signal }, lines), words);
  }
});
