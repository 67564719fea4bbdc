import assert from "node:assert/strict";
import {
  LEAST_SCALE,
  MOST_SCALE,
  scaleToFit,
  scaleWithin,
  scrollAround,
  wheelFactor,
} from "../../lib/ui/zoom.ts";

Deno.test("a picture gets neither so small nor so large that nothing is seen", () => {
  assert.equal(scaleWithin(0.001), LEAST_SCALE);
  assert.equal(scaleWithin(1.5), 1.5);
  assert.equal(scaleWithin(100), MOST_SCALE);
});

Deno.test("a wide picture is made as small as its frame, a narrow one stays as it is", () => {
  assert.equal(scaleToFit(2_000, 500), 0.25);
  assert.equal(scaleToFit(300, 500), 1);
  assert.equal(scaleToFit(0, 500), 1);
});

Deno.test("what is at a point stays there while all around it grows", () => {
  // 130 pixels into the picture, seen 30 pixels into the frame.
  assert.equal(scrollAround(100, 30, 2), 2 * 130 - 30);
  assert.equal(scrollAround(100, 30, 1), 100);
});

Deno.test("the wheel makes larger upwards, as much smaller downwards, and never leaps", () => {
  assert.ok(wheelFactor(-100) > 1.2 && wheelFactor(-100) < 1.4);
  assert.ok(Math.abs(wheelFactor(40) * wheelFactor(-40) - 1) < 1e-9);
  assert.equal(wheelFactor(5_000), wheelFactor(100));
});
