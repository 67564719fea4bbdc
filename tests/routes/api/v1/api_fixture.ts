/** A served node with a worker that does what tests tell it, and requests against the API. */
import assert from "node:assert/strict";
import type { ProblemDocument } from "../../../../lib/schema/api.ts";
import { parseSpecDocument } from "../../../../lib/schema/parse_spec.ts";
import { type ErrorCode, ERRORS } from "../../../../lib/errors.ts";
import { type FakeWorker, fakeWorker } from "../../../helpers/fake_worker.ts";
import {
  startDag,
  type TestFetch,
  type TestNode,
  type TestNodeOptions,
  type TestRequest,
  withServedNode,
} from "../../../helpers/test_node.ts";

export interface ApiTest extends TestNode {
  readonly url: string;
  /** The worker of `project:abc`. */
  readonly worker: FakeWorker;
}

/** Runs `use` with such a node. */
export function withApi(
  use: (test: ApiTest) => Promise<void>,
  options: TestNodeOptions = {},
): Promise<void> {
  return withServedNode(async (test) => {
    await using worker = await fakeWorker(test.node, "project:abc");
    await use({ ...test, worker });
  }, options);
}

/** A DAG of shell tasks for the worker of these tests: task id → what it depends on. */
export function dagOf(
  dag_id: string,
  tasks: Record<string, readonly string[]> = { a: [] },
): Record<string, unknown> {
  return {
    dag_id,
    scope: { type: "project", project_id: "abc" },
    tasks: Object.entries(tasks).map(([id, depends_on]) => ({
      id,
      type: "shell",
      command: `echo ${id}`,
      depends_on,
    })),
  };
}

/** A DAG whose runs fail at once, because nobody has the skill. */
export function failsAtOnce(dag_id: string): Record<string, unknown> {
  return { ...dagOf(dag_id), tasks: [{ id: "a", type: "skill", skill: "nobody-has-it" }] };
}

/** A run as the node `origin` hands it over; it fails at once. */
export function handedOver(origin: string): Record<string, unknown> {
  const parsed = parseSpecDocument(failsAtOnce(`from-${origin}`));
  if (!parsed.ok) throw new Error("the DAG has problems");
  return {
    run_id: `dag-run-${crypto.randomUUID()}`,
    origin,
    spec: parsed.spec,
    spec_hash: parsed.spec_hash,
    triggered_by: "confirm",
    confirmed_by: null,
  };
}

/** A run whose only task has written lines and is done. */
export async function finishedRun(
  { fetch, worker }: ApiTest,
  dagId: string,
  lines: readonly string[] = [],
): Promise<string> {
  const { run_id } = await startDag(fetch, dagOf(dagId));
  const task = await worker.take();
  await worker.log(
    task,
    lines.map((text, at) => ({ line: at + 1, time: 1, stream: "stdout", text })),
  );
  await worker.finish(task, { outputs: { answer: 42 } });
  return run_id;
}

/** Sends a request that must be refused with this code, as a problem document (RFC 9457). */
export async function expectProblem(
  fetch: TestFetch,
  path: string,
  { code, ...init }: TestRequest & { readonly code: ErrorCode },
): Promise<ProblemDocument> {
  const response = await fetch(path, init);
  const text = await response.text();
  const label = `${init.method ?? "GET"} ${path.slice(0, 200)} answered ${response.status}: ${
    text.slice(0, 400)
  }`;
  assert.equal(response.headers.get("content-type"), "application/problem+json", label);
  const problem = JSON.parse(text) as ProblemDocument;
  assert.equal(problem.code, code, label);
  assert.equal(response.status, ERRORS[code].status, label);
  assert.deepEqual([problem.status, problem.title], [ERRORS[code].status, ERRORS[code].title]);
  assert.equal(problem.request_id, response.headers.get("x-request-id"), label);
  assert.match(problem.request_id, /^[0-9a-f-]{36}$/);
  assert.ok(problem.detail.length > 10, label);
  return problem;
}

/** What JSON says that a request must be answered with. */
export async function getJson(fetch: TestFetch, path: string, init: TestRequest = {}): Promise<
  // deno-lint-ignore no-explicit-any -- tests look at answers whose shapes another test holds
  any
> {
  const response = await fetch(path, init);
  const text = await response.text();
  assert.ok(response.ok, `${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** All pages of a list, one after the other. */
export async function allPages<T>(fetch: TestFetch, path: string, key: string): Promise<T[][]> {
  const pages: T[][] = [];
  const seen = new Set<string>();
  for (let cursor: string | null = "";;) {
    const url = new URL(path, "http://x");
    if (cursor !== "") url.searchParams.set("cursor", cursor);
    const page = await getJson(fetch, url.pathname + url.search);
    assert.equal(page.count, page[key].length);
    pages.push(page[key]);
    cursor = page.next_cursor as string | null;
    if (cursor === null) return pages;
    assert.ok(!seen.has(cursor), "the same cursor twice");
    seen.add(cursor);
  }
}
