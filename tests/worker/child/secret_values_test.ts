import assert from "node:assert/strict";
import { TaskError } from "../../../lib/worker/child/attempt.ts";
import { declaredSecrets } from "../../../lib/worker/child/declared_secrets.ts";
import { SecretValues } from "../../../lib/worker/child/secret_values.ts";

function pick(secrets: SecretValues, names: readonly string[]): Record<string, string> {
  return declaredSecrets({ task: { secrets: [...names] }, surroundings: { secrets } });
}

Deno.test("a task gets what it names and nothing else", () => {
  const secrets = new SecretValues({ A: "value of a", B: "value of b" });
  assert.deepEqual(pick(secrets, []), {});
  assert.deepEqual(pick(secrets, ["B"]), { B: "value of b" });
});

Deno.test("names that aren't there are all told, those of every object too", () => {
  const secrets = new SecretValues({ A: "value of a" });
  assert.throws(() => pick(secrets, ["A", "B", "constructor"]), (error) => {
    assert.ok(error instanceof TaskError);
    assert.equal(error.code, "unknown_secret");
    assert.match(error.message, /"B", "constructor"/);
    return true;
  });
});

Deno.test("what was replaced or removed isn't given any more, and is masked still", () => {
  const secrets = new SecretValues({ A: "the first value" });
  secrets.replace({ A: "the second value" });
  assert.deepEqual(pick(secrets, ["A"]), { A: "the second value" });
  secrets.replace({});
  assert.throws(() => pick(secrets, ["A"]), TaskError);
  assert.equal(secrets.mask.apply("the first value, the second value"), "***, ***");
});
