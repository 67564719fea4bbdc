import assert from "node:assert/strict";
import type { LogLineView } from "../../lib/schema/api.ts";
import { TAIL_LINES, tailOf, withLine } from "../../lib/ui/log_tail.ts";

function line(seq: number): LogLineView {
  return { seq, time: "", task_id: "t", attempt: 1, stream: "stdout", text: `${seq}` };
}

Deno.test("a tail keeps the last lines and says when there were others", () => {
  const all = Array.from({ length: TAIL_LINES }, (_, seq) => line(seq));
  const full = tailOf(all);
  assert.deepEqual(full, { lines: all, isCut: false });
  const next = withLine(full, line(TAIL_LINES));
  assert.equal(next.lines.length, TAIL_LINES);
  assert.deepEqual([next.lines.at(0)?.seq, next.lines.at(-1)?.seq], [1, TAIL_LINES]);
  assert.equal(next.isCut, true);
});

Deno.test("a tail that was cut stays cut, and a short one that grows is not", () => {
  assert.equal(withLine({ lines: [line(5)], isCut: true }, line(6)).isCut, true);
  assert.deepEqual(withLine({ lines: [line(5)], isCut: false }, line(6)), {
    lines: [line(5), line(6)],
    isCut: false,
  });
});
