/** What is secret comes back in no error, and stands in nothing that the node prints. */
import assert from "node:assert/strict";
import { withoutSecrets } from "../../../../lib/schema/redact.ts";
import { publishDag, type TestRequest } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf } from "./api_fixture.ts";

// Short, so that a message that repeats only the beginning of a body has it as well.
const WORD = "hunter2";

/** Requests that carry a secret where it doesn't belong; `S` is a token, `W` a password. */
function misplaced(token: string): readonly (readonly [path: string, init: TestRequest])[] {
  const post = (body: string, type = "application/json"): TestRequest => ({
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  const encoded = encodeURIComponent(token);
  const task = (fields: object): string =>
    JSON.stringify({ dag_id: "d", tasks: [{ id: "a", type: "shell", command: "x", ...fields }] });
  return [
    [`/api/v1/runs/${token}`, {}],
    [`/api/v1/runs/${encoded}`, {}],
    [`/api/v1/dag/${token}/confirm`, { method: "POST" }],
    [`/api/v1/tokens/${encoded}`, { method: "DELETE" }],
    [`/api/v1/workers/${token}`, {}],
    [`/api/v1/${encoded}`, {}],
    [`/api/v1/runs?status=${encoded}`, {}],
    [`/api/v1/runs?since=${encoded}`, {}],
    [`/api/v1/runs?cursor=${encoded}`, {}],
    [`/api/v1/runs?limit=${encoded}`, {}],
    [`/api/v1/dag/d?version=${encoded}`, {}],
    ["/api/v1/whoami", { token: `${token}x` }],
    ["/api/v1/whoami", { token: null, headers: { authorization: `Basic ${token}` } }],
    ["/api/v1/whoami", { headers: { host: token } }],
    ["/api/v1/whoami", { token: null, headers: { cookie: `cis_session=${token}` } }],
    ["/api/v1/dag/d/confirm", post(JSON.stringify({ spec_hash: token }))],
    ["/api/v1/dag/d/confirm", post(JSON.stringify({ [token]: 1 }))],
    ["/api/v1/dag/d/confirm", post(`{"spec_hash": "x" "${WORD}"}`)],
    ["/api/v1/dag/d/confirm", post(`{"password": ${WORD}}`)],
    ["/api/v1/dag/d/confirm", post(WORD)],
    ["/api/v1/dag/d/confirm", post("{}", `text/plain; x=${token}`)],
    ["/api/v1/dag/d/confirm", post("{}", token)],
    ["/api/v1/dag/publish", post(`{"dag_id": "d" "${WORD}": 1}`)],
    ["/api/v1/dag/publish", post(`{"dag_id": "${token}", "tasks": []}`)],
    ["/api/v1/dag/publish", post(task({ env: { TOKEN: { value: WORD } } }))],
    ["/api/v1/dag/publish", post(task({ env: { "A B": WORD } }))],
    ["/api/v1/dag/publish", post(task({ env: { CIS_X: WORD } }))],
    ["/api/v1/dag/publish", post(task({ command: [WORD] }))],
    ["/api/v1/dag/publish", post(task({ type: "shel", command: `curl -u ${WORD}` }))],
    ["/api/v1/dag/publish", post(task({ secrets: [token] }))],
    [
      "/api/v1/dag/publish",
      post(task({
        type: "http",
        command: undefined,
        request: { url: `https://u:${WORD}@example.org/`, headers: { "x y": WORD } },
      })),
    ],
    [
      "/api/v1/dag/publish",
      post(task({
        type: "http",
        command: undefined,
        request: { url: `ftp://${WORD}/`, headers: { authorization: `Bearer ${WORD}\n` } },
      })),
    ],
    ["/api/v1/tokens", post(JSON.stringify({ name: "t", roles: [token] }))],
    ["/api/v1/tokens", post(JSON.stringify({ name: "t", roles: ["viewer"], scopes: [token] }))],
    ["/api/v1/tokens", post(JSON.stringify({ name: "t", roles: ["viewer"], expires_in: token }))],
    ["/pending/d/confirm", { method: "POST", token: null, body: token }],
  ];
}

Deno.test("no answer to a request with a misplaced secret repeats it, and no log has it", async () => {
  await withStillNode(async (test) => {
    await publishDag(test.fetch, dagOf("d"));
    const secret = test.token.split(":").at(-1) ?? "";
    for (const [path, init] of misplaced(test.token)) {
      const response = await test.fetch(path, init);
      const text = await response.text();
      const label = `${init.method ?? "GET"} ${path}: ${response.status} ${text}`;
      assert.ok(response.status >= 300, label);
      const all = text + JSON.stringify([...response.headers]);
      assert.ok(!all.includes(secret), label);
      assert.ok(!all.includes(WORD), label);
    }
    assert.deepEqual(test.reports.filter((line) => line.includes(secret)), []);
    assert.deepEqual(test.reports, []);
  });
});

Deno.test("an error that nobody foresaw is answered without its message, and logged without secrets", async () => {
  await withStillNode(async (test) => {
    const secret = test.token.split(":").at(-1) ?? "";
    await publishDag(test.fetch, dagOf("d"));
    const { node } = test;
    Object.defineProperty(node.runs, "list", {
      value: () => {
        throw new Error(`the disk ${test.token} at ${WORD}`);
      },
    });
    const response = await test.fetch("/api/v1/runs");
    const body = await response.text();
    assert.equal(response.status, 500);
    assert.ok(!body.includes(WORD) && !body.includes(secret) && !body.includes("disk"), body);
    const { request_id, code } = JSON.parse(body) as Record<string, string>;
    assert.equal(code, "internal_error");
    assert.equal(test.reports.length, 1);
    assert.ok(test.reports[0]?.includes(request_id ?? "?"), "the log has the request's id");
    assert.ok(test.reports[0]?.includes("the disk did:cis:node1:***"), test.reports[0]);
  });
});

Deno.test("withoutSecrets takes out what is secret, and leaves what only looks so", () => {
  const secret = "A".repeat(43);
  const cases = [
    [`did:cis:node1:${secret}`, "did:cis:node1:***"],
    [`did%3Acis%3Anode-1.x%3A${secret}&x=1`, "did%3Acis%3Anode-1.x%3A***&x=1"],
    [`a did:cis:n:${secret}, did:cis:m:${secret}.`, "a did:cis:n:***, did:cis:m:***."],
    [`/sign-in?ticket=${secret}&next=/`, "/sign-in?ticket=***&next=/"],
    [`cookie: cis_session=${secret}; other=1`, "cookie: cis_session=***; other=1"],
    ["did:cis:node1:tok-01a20cc5-c9ca-727c-826c-3e86a1fa7113", null],
    ["did:cis:node1:<secret>", null],
    ["f".repeat(64), null],
    ["dag-run-01a20cc5-c9ca-727c-826c-3e86a1fa7113", null],
  ] as const;
  for (const [text, expected] of cases) assert.equal(withoutSecrets(text), expected ?? text);
});
