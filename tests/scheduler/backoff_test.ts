import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "../../lib/scheduler/backoff.ts";

const policy = { delay: "1s", multiplier: 2, max_delay: "5m", jitter: 0 };

Deno.test("the wait grows with each failure up to max_delay", () => {
  const waits = [1, 2, 3, 8, 9, 10, 100].map((failures) =>
    backoffMs(policy, failures, { random: 0.5 })
  );
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000]);
});

Deno.test("jitter moves the wait both ways", () => {
  const jittery = { ...policy, jitter: 0.2 };
  assert.equal(backoffMs(jittery, 1, { random: 0 }), 800);
  assert.equal(backoffMs(jittery, 1, { random: 0.5 }), 1_000);
  assert.equal(backoffMs(jittery, 1, { random: 1 - 2 ** -53 }), 1_200);
});

Deno.test("every wait is a whole number within the jitter of the capped delay", () => {
  fc.assert(fc.property(
    fc.record({
      delay: fc.nat(600_000),
      multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
      max: fc.nat(3_600_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      failures: fc.integer({ min: 1, max: 100 }),
      random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    }),
    ({ delay, multiplier, max, jitter, failures, random }) => {
      const max_delay = Math.max(delay, max);
      const wait = backoffMs(
        { delay: `${delay}ms`, multiplier, max_delay: `${max_delay}ms`, jitter },
        failures,
        { random },
      );
      const capped = Math.min(delay * multiplier ** (failures - 1), max_delay);
      assert.ok(Number.isSafeInteger(wait));
      assert.ok(wait >= Math.floor(capped * (1 - jitter)), `${wait}, capped ${capped}`);
      assert.ok(wait <= Math.ceil(capped * (1 + jitter)), `${wait}, capped ${capped}`);
    },
  ));
});
