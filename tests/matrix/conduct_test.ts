import assert from "node:assert/strict";
import { Complaints } from "../../lib/matrix/complaints.ts";
import { Conduct, MAX_CLOSED, MAX_POINTS } from "../../lib/matrix/conduct.ts";

Deno.test("mistakes are tolerated, many close the connection, and the third time expels", () => {
  const conduct = new Conduct(() => 0);
  const verdicts: string[] = [];
  for (let point = 1; point <= MAX_CLOSED * MAX_POINTS; point++) {
    const verdict = conduct.judge(1);
    if (verdict !== "tolerate") verdicts.push(`${point}: ${verdict}`);
  }
  assert.deepEqual(verdicts, ["20: close", "40: close", "60: expel"]);
});

Deno.test("what can't be read closes at once", () => {
  const conduct = new Conduct(() => 0);
  assert.deepEqual([1, 2, 3].map(() => conduct.judge(Infinity)), ["close", "close", "expel"]);
});

Deno.test("after a minute without misbehaviour all is forgotten", () => {
  let now = 0;
  const conduct = new Conduct(() => now);
  for (let hour = 0; hour < 100; hour++) {
    now += 3_600_000;
    for (let point = 1; point < MAX_POINTS; point++) assert.equal(conduct.judge(1), "tolerate");
  }
});

Deno.test("ten thousand complaints are two lines", () => {
  const lines: string[] = [];
  const complaints = new Complaints((line) => lines.push(line));
  for (let count = 0; count < 10_000; count++) complaints.tell("worker-global", "rubbish");
  complaints.tell("worker-user-u", "rubbish");
  complaints.stop();
  assert.deepEqual(lines, [
    "worker-global sent rubbish",
    "worker-user-u sent rubbish",
    "worker-global sent 9999 more of what it should not have",
  ]);
});
