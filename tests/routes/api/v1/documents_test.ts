/** openapi.json and tools.json: complete, consistent, and accepted by what reads them. */
import assert from "node:assert/strict";
import { OPERATIONS } from "../../../../lib/api/operations.ts";
import { type ErrorCode, ERRORS } from "../../../../lib/errors.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { getJson } from "./api_fixture.ts";

const ROOT = new URL("../../../../", import.meta.url);
const METHODS = /^ {2}(GET|POST|PUT|PATCH|DELETE)\b/gm;

/** Every `METHOD /address` that the route files answer. */
function routeFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return routeFiles(`${folder}${name}/`);
    if (name.startsWith("_") || name.startsWith("[...")) return [];
    const address = `${folder}${name}`.replace(/^routes/, "").replace(/(\/index)?\.ts$/, "")
      .replaceAll("[", "{").replaceAll("]", "}");
    const text = Deno.readTextFileSync(new URL(`${folder}${name}`, ROOT));
    return [...text.matchAll(METHODS)].map(([, method]) => `${method} ${address}`);
  });
}

Deno.test("openapi.json has every route file, and nothing else", async () => {
  await withStillNode(async ({ fetch }) => {
    const { paths, openapi } = await getJson(fetch, "/api/v1/openapi.json", { token: null });
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`)
    );
    const answered = [
      ...["GET /health", "GET /ready", "GET /metrics"],
      ...routeFiles("routes/api/v1/"),
    ];
    assert.deepEqual(described.sort(), answered.sort());
    assert.equal(openapi, "3.1.0");
  });
});

/** Everything in a document that is called `$ref`. */
function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" ? [String(inner)] : refsIn(inner)
  );
}

Deno.test("every reference of openapi.json leads to something, and every name is said once", async () => {
  await withStillNode(async ({ fetch }) => {
    const document = await getJson(fetch, "/api/v1/openapi.json", { token: null });
    const refs = new Set(refsIn(document));
    assert.ok(refs.size > 30, `only ${refs.size} references`);
    for (const ref of refs) {
      const target = ref.split("/").slice(1).reduce((at, key) => at?.[key], document);
      assert.ok(typeof target === "object", `${ref} leads nowhere`);
    }
    const ids = OPERATIONS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, item] of Object.entries<Record<string, Described>>(document.paths)) {
      for (const [method, described] of Object.entries(item)) check(`${method} ${path}`, described);
    }
  });
});

interface Described {
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, { description: string }>;
}

function check(label: string, { parameters, responses }: Described): void {
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const named = [...label.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  assert.deepEqual(inPath.map(({ name }) => name), named, label);
  assert.ok(inPath.every(({ required }) => required), label);
  for (const [status, { description }] of Object.entries(responses)) {
    if (Number(status) < 400) continue;
    for (const code of description.split(", ")) {
      assert.equal(ERRORS[code as ErrorCode]?.status, Number(status), `${label}: ${code}`);
    }
  }
}

Deno.test("openapi.json describes bodies as the schemas have them", async () => {
  await withStillNode(async ({ fetch }) => {
    const { components } = await getJson(fetch, "/api/v1/openapi.json", { token: null });
    const { RejectBody, ConfirmAnswer, TokenBody, DagDocument, IssueBody } = components.schemas;
    assert.deepEqual(RejectBody.required, ["reason"]);
    assert.equal(RejectBody.additionalProperties, false);
    assert.deepEqual(RejectBody.properties.reason, {
      type: "string",
      minLength: 1,
      maxLength: 4000,
    });
    assert.ok(ConfirmAnswer.required.includes("run_id"));
    assert.deepEqual(TokenBody.required, ["name", "roles"]);
    assert.ok(DagDocument.required.includes("dag_id") && !DagDocument.required.includes("scope"));
    for (const variant of IssueBody.oneOf) {
      assert.ok(!variant.required.includes("id") && "scope" in variant.properties);
    }
  });
});

Deno.test("a model's tools are complete, and deciding is not among them", async () => {
  await withStillNode(async ({ fetch }) => {
    const { count, tools } = await getJson(fetch, "/api/v1/tools.json", { token: null });
    assert.equal(count, tools.length);
    const names = tools.map((tool: { function: { name: string } }) => tool.function.name);
    assert.equal(new Set(names).size, names.length);
    for (
      const wanted of ["publish_dag", "get_dag_status", "get_run", "issue_task", "analyze_dag"]
    ) {
      assert.ok(names.includes(wanted), wanted);
    }
    for (const tool of tools) {
      const { name, description, parameters } = tool.function;
      assert.match(name, /^[a-z_]{1,64}$/);
      assert.ok(description.length > 20, name);
      assert.equal(parameters.type, "object", name);
      assert.deepEqual(refsIn(parameters), [], `${name} refers to something that isn't there`);
      const { role, path_parameters } = tool.request;
      assert.ok(role === "viewer" || role === "publisher", `${name} is for ${role}`);
      for (const parameter of path_parameters) assert.ok(parameters.required.includes(parameter));
    }
  });
});

Deno.test("a call of a tool does what it says, without knowing anything but tools.json", async () => {
  await withStillNode(async (test) => {
    const { tools } = await getJson(test.fetch, "/api/v1/tools.json", { token: null });
    const token = await test.as(["publisher"]);
    const invoke = (name: string, args: Record<string, unknown>): Promise<unknown> => {
      const tool = tools.find((other: { function: { name: string } }) =>
        other.function.name === name
      );
      const { method, path, path_parameters, query_parameters, has_body } = tool.request;
      const rest = { ...args };
      let address: string = path;
      for (const parameter of path_parameters) {
        address = address.replace(`{${parameter}}`, encodeURIComponent(String(rest[parameter])));
        delete rest[parameter];
      }
      const query = new URLSearchParams();
      for (const parameter of query_parameters) {
        if (rest[parameter] !== undefined) query.set(parameter, String(rest[parameter]));
      }
      const init = { method, token, ...(has_body ? { body: rest } : {}) };
      return getJson(test.fetch, `${address}${query.size > 0 ? `?${query}` : ""}`, init);
    };
    const tasks = [{ id: "a", type: "shell", command: "true" }];
    const published = await invoke("publish_dag", { dag_id: "by-model", tasks }) as object;
    assert.ok("confirm_url" in published);
    const status = await invoke("get_dag_status", { id: "by-model" }) as { status: string };
    assert.equal(status.status, "waiting_confirmation");
    const listed = await invoke("list_dags", { limit: 1 }) as { count: number };
    assert.equal(listed.count, 1);
    await invoke("issue_task", { id: "once", type: "noop" });
    assert.equal(
      (await invoke("get_task_status", { id: "once" }) as { type: string }).type,
      "noop",
    );
  });
});
