import assert from "node:assert/strict";
import type { DoctorAnswer } from "../../lib/schema/machine_view.ts";
import { json } from "../api/fake_fetch.ts";
import { runFake } from "./fake_system.ts";

const ok = (name: string) => ({ name, status: "ok", detail: "it is sound", advice: null }) as const;
const ANSWER: DoctorAnswer = {
  node_id: "node1",
  version: "1.2.3",
  checks: [ok("node"), ok("database")],
  limits: [
    { what: "walls", by: "/usr/bin/bwrap", exact: true, note: null },
    { what: "file_size", by: null, exact: false, note: "install prlimit" },
  ],
};

function doctor(
  checks: DoctorAnswer["checks"],
  flags: string[] = [],
): ReturnType<typeof runFake> {
  return runFake(["doctor", ...flags], {
    routes: { "GET /api/v1/doctor": json({ ...ANSWER, checks }) },
  });
}

Deno.test("doctor tells each check and what holds each limit", async () => {
  const { code, out } = await doctor(ANSWER.checks);
  assert.equal(code, 0);
  assert.match(out, /^node node1, version 1\.2\.3\nok {7}node: it is sound\nok {7}database: /);
  assert.match(out, /^walls +\/usr\/bin\/bwrap *$/m);
  assert.match(out, /^file size +nothing +install prlimit$/m);
});

Deno.test("doctor says what to do, and exits with 1 where something has failed", async () => {
  const advice = "go back to the last backup";
  const failed = { name: "database", status: "failed", detail: "page 7 is torn", advice } as const;
  const found = await doctor([ok("node"), failed]);
  assert.equal(found.code, 1);
  assert.match(
    found.out,
    /^failed {3}database: page 7 is torn\n {9}go back to the last backup$/m,
  );
  const warned = await doctor([{ ...failed, status: "warning" }]);
  assert.equal(warned.code, 0);
  assert.match(warned.out, /^warning {2}database: /m);
});

Deno.test("doctor --json writes the answer as it is", async () => {
  const { code, out } = await doctor(ANSWER.checks, ["--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), ANSWER);
});
