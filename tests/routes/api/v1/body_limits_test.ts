/** How large a body may be, of which type, and in which form. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../lib/errors.ts";
import { publishDag, startDag } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf, expectProblem, getJson, withApi } from "./api_fixture.ts";

const PUBLISH = "/api/v1/dag/publish";
const json = (value: unknown): string => JSON.stringify(value);

Deno.test("10,000 tasks are taken and 10,001 are not", async () => {
  const of = (count: number): object => ({
    dag_id: "many",
    target_node: "elsewhere",
    tasks: Array.from({ length: count }, (_, index) => ({
      id: `t${index}`,
      type: "noop",
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    })),
  });
  await withStillNode(async (test) => {
    const { errors = [] } = await expectProblem(test.fetch, PUBLISH, {
      code: "invalid_spec",
      method: "POST",
      body: of(10_001),
    });
    assert.deepEqual(errors.map(({ path, code }) => [path, code]), [["tasks", "too_many_tasks"]]);
    const begun = performance.now();
    const published = await publishDag(test.fetch, of(10_000));
    const took = performance.now() - begun;
    assert.equal(published.tasks_count, 10_000);
    assert.ok(took < 20_000, `took ${took} ms`);
    const { run_id } = await startDag(test.fetch, of(10_000));
    const run = await getJson(test.fetch, `/api/v1/runs/${run_id}`);
    assert.equal(run.tasks.length, 10_000);
    assert.equal((await getJson(test.fetch, "/health", { token: null })).status, "ok");
  });
});

Deno.test("2 MiB are refused without being read, whether their length is said or not", async () => {
  await withApi(async (test) => {
    const limit = test.node.config.max_body_bytes;
    const said = { method: "POST", headers: { "content-length": String(2 * limit) } };
    let pulled = 0;
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller): void {
          pulled += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(0x20));
        },
      }, { highWaterMark: 0 });
    await expectProblem(test.fetch, PUBLISH, { ...said, body: endless(), code: "body_too_large" });
    assert.ok(pulled <= 65_536, `${pulled} bytes were read although the length was said`);
    pulled = 0;
    await expectProblem(test.fetch, PUBLISH, {
      method: "POST",
      body: endless(),
      code: "body_too_large",
    });
    assert.ok(pulled <= limit + 2 * 65_536, `${pulled} bytes were read`);
    // Over the network, where a body has to go somewhere.
    const authorization = `Bearer ${test.token}`;
    const body = new Uint8Array(2 * limit);
    const response = await fetch(test.url + PUBLISH, {
      method: "POST",
      body,
      headers: { authorization },
    });
    assert.deepEqual([response.status, (await response.json()).code], [413, "body_too_large"]);
    assert.equal((await publishDag(test.fetch, dagOf("after"))).version, 1);
  });
});

Deno.test("a body of exactly the limit is read", async () => {
  await withStillNode(async ({ fetch }) => {
    const body = (size: number): string => {
      const text = json(dagOf("d"));
      return text + " ".repeat(size - text.length);
    };
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    assert.equal((await fetch(PUBLISH, { ...init, body: body(5000) })).status, 200);
    await expectProblem(fetch, PUBLISH, { ...init, body: body(5001), code: "body_too_large" });
  }, { config: { max_body_bytes: 5000 } });
});

const TYPES: readonly (readonly [type: string, code: ErrorCode | null])[] = [
  ["application/json", null],
  ["application/json; charset=utf-8", null],
  ["Application/JSON", null],
  ["application/vnd.dag+json", null],
  ["application/x-www-form-urlencoded", null],
  ["application/yaml", null],
  ["text/yaml", null],
  ["text/plain", "unsupported_media_type"],
  ["multipart/form-data; boundary=x", "unsupported_media_type"],
  ["application/xml", "unsupported_media_type"],
  ["application/octet-stream", "unsupported_media_type"],
  ["constructor", "unsupported_media_type"],
  ["__proto__", "unsupported_media_type"],
  ["toString", "unsupported_media_type"],
  ["x".repeat(5000), "unsupported_media_type"],
];

for (const [type, code] of TYPES) {
  Deno.test(`a body of type ${type.slice(0, 40)} is ${code ?? "read"}`, async () => {
    await withStillNode(async ({ fetch }) => {
      const init = { method: "POST", headers: { "content-type": type }, body: json(dagOf("d")) };
      if (code !== null) return void await expectProblem(fetch, PUBLISH, { ...init, code });
      assert.equal((await fetch(PUBLISH, init)).status, 200);
    });
  });
}

Deno.test("a body that is no DAG has to be JSON", async () => {
  await withStillNode(async ({ fetch }) => {
    await publishDag(fetch, dagOf("d"));
    const cases: readonly [type: string, body: string, code: ErrorCode][] = [
      ["application/yaml", "reason: no", "unsupported_media_type"],
      ["application/json", "reason: no", "invalid_json"],
      ["application/json", "null", "invalid_request"],
      ["application/json", "[]", "invalid_request"],
      ["application/json", "{}", "invalid_request"],
      ["application/json", '{"reason": ""}', "invalid_request"],
      ["application/json", '{"reason": "   "}', "invalid_request"],
      ["application/json", '{"reason": 7}', "invalid_request"],
      ["application/json", '{"reason": "no", "more": 1}', "invalid_request"],
      ["application/json", '{"reason": "no", "__proto__": {}}', "invalid_request"],
      ["application/json", `{"reason": "${"x".repeat(4001)}"}`, "invalid_request"],
      ["application/json", `{"reason": ${"[".repeat(100_000)}`, "invalid_json"],
    ];
    for (const [type, body, code] of cases) {
      const init = { method: "POST", headers: { "content-type": type }, body };
      const problem = await expectProblem(fetch, "/api/v1/dag/d/reject", { ...init, code });
      if (code === "invalid_request") assert.ok(problem.errors?.[0]?.code, "errors[] has codes");
    }
    const status = await getJson(fetch, "/api/v1/dag/d/status");
    assert.equal(status.status, "waiting_confirmation");
  });
});
