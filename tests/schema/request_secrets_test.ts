/** Placeholders of an `http` task and the secrets that it declares. */
import assert from "node:assert/strict";
import { requestSecrets } from "../../lib/schema/request_secrets.ts";
import { specOf } from "./expect_spec.ts";

function warned(...tasks: Record<string, unknown>[]): string[] {
  const http = tasks.map((task, index) => ({ id: `t${index}`, type: "http", ...task }));
  return requestSecrets(specOf({ dag_id: "d", tasks: http }))
    .map(({ path, code, message }) => `${path} ${code} ${message}`);
}

const POST = { method: "POST", url: "http://x" };

Deno.test("a placeholder goes with a declared secret, in headers and anywhere in the body", () => {
  assert.deepEqual(
    warned(
      { request: { url: "http://x", headers: { a: "Bearer ${A}" } }, secrets: ["A"] },
      { request: { ...POST, body: { deep: [{ text: "x${A}y${B_2}" }] } }, secrets: ["A", "B_2"] },
      { request: { ...POST, body: "no place: $A ${a b} {A} ${}" } },
    ),
    [],
  );
});

Deno.test("a placeholder of a secret that isn't declared, and a secret without its place, are told once", () => {
  const request = { url: "http://x", headers: { a: "${A} ${B}" } };
  assert.deepEqual(
    warned({ request, secrets: ["B", "C"] }, { request, secrets: ["C"] }),
    [
      "tasks[0].request undeclared_secret ${A} is sent as it is written; to send the secret of that " +
      'name, list "A" in secrets',
      "tasks[0].secrets[1] unused_secret the request has no place for it: write ${C} in a header or " +
      "in the body",
      "tasks[1].request undeclared_secret ${B} is sent as it is written; to send the secret of that " +
      'name, list "B" in secrets',
    ],
  );
});

Deno.test("neither keys of a body nor the address are places", () => {
  const request = { ...POST, url: "http://x/?a=${A}", body: { "${A}": 1 } };
  assert.match(warned({ request, secrets: ["A"] }).join(), /unused_secret/);
});
