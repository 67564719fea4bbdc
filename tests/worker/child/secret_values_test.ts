import assert from "node:assert/strict";
import { TaskError } from "../../../lib/worker/child/attempt.ts";
import { SecretValues } from "../../../lib/worker/child/secret_values.ts";

Deno.test("a task gets what it names and nothing else", () => {
  const secrets = new SecretValues({ A: "value of a", B: "value of b" });
  assert.deepEqual(secrets.pick([]), {});
  assert.deepEqual(secrets.pick(["B"]), { B: "value of b" });
});

Deno.test("names that aren't there are all told, those of every object too", () => {
  const secrets = new SecretValues({ A: "value of a" });
  assert.throws(() => secrets.pick(["A", "B", "constructor"]), (error) => {
    assert.ok(error instanceof TaskError);
    assert.equal(error.code, "unknown_secret");
    assert.match(error.message, /"B", "constructor"/);
    return true;
  });
});

Deno.test("what was replaced or removed isn't given any more, and is masked still", () => {
  const secrets = new SecretValues({ A: "the first value" });
  secrets.replace({ A: "the second value" });
  assert.deepEqual(secrets.pick(["A"]), { A: "the second value" });
  secrets.replace({});
  assert.throws(() => secrets.pick(["A"]), TaskError);
  assert.equal(secrets.mask.apply("the first value, the second value"), "***, ***");
});
