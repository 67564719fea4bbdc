import assert from "node:assert/strict";
import { ERRORS } from "../../lib/errors.ts";
import { exitCodeOf } from "../../lib/cli/exit_code.ts";

const EXPECTED: Record<keyof typeof ERRORS, number> = {
  invalid_json: 1,
  invalid_request: 2,
  invalid_spec: 1,
  unauthenticated: 5,
  forbidden: 5,
  separation_of_duties: 5,
  scope_not_allowed: 5,
  not_a_stakeholder: 5,
  cross_origin: 5,
  not_found: 3,
  dag_not_found: 3,
  run_not_found: 3,
  task_not_found: 3,
  worker_not_found: 3,
  decision_not_found: 3,
  debt_not_found: 3,
  token_not_found: 3,
  secret_not_found: 3,
  method_not_allowed: 1,
  version_conflict: 4,
  content_changed: 4,
  nothing_waiting: 4,
  already_decided: 4,
  idempotency_conflict: 4,
  not_confirmed: 4,
  dag_taken: 4,
  no_schedule: 4,
  node_unknown: 4,
  node_unreachable: 6,
  run_finished: 4,
  run_not_finished: 4,
  invalid_state: 4,
  worker_exists: 4,
  worker_elsewhere: 4,
  room_unavailable: 6,
  worker_limit: 4,
  secrets_unreadable: 4,
  worker_busy: 4,
  confirmation_expired: 4,
  decision_expired: 4,
  body_too_large: 1,
  unsupported_media_type: 1,
  misdirected_host: 6,
  internal_error: 1,
  not_ready: 6,
};

for (const [code, exit] of Object.entries(EXPECTED)) {
  Deno.test(`${code} exits with ${exit}`, () => {
    const { status } = ERRORS[code as keyof typeof ERRORS];
    assert.equal(exitCodeOf({ code, status }), exit);
  });
}

Deno.test("every code of the catalogue is decided about", () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(ERRORS).sort());
});

Deno.test("no answer, or one of something else, is unreachable", () => {
  assert.equal(exitCodeOf({ code: "unreachable", status: 0 }), 6);
  assert.equal(exitCodeOf({ code: "unexpected_answer", status: 200 }), 6);
});

Deno.test("a code that is not known yet is told by its status", () => {
  assert.equal(exitCodeOf({ code: "from_the_future", status: 409 }), 4);
  assert.equal(exitCodeOf({ code: "not_implemented", status: 501 }), 1);
});
