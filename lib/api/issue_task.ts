/** POST /task/issue: a single task, published as a DAG of its own. */
import { v7 as uuid } from "uuid";
import type { Tx } from "../db/database.ts";
import { type ParseResult, parseSpecDocument } from "../schema/parse_spec.ts";
import { ISSUE_DAG_FIELDS, type IssueAnswer, ISSUED_PREFIX } from "../schema/issued_task.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { acceptedSpec, parseOptions } from "./parse_dag_body.ts";
import { publishDag } from "./publish_dag.ts";
import { parseJson, requireJson } from "./read_body.ts";

/**
 * Publishes the task in the body. It runs when it is confirmed, as any DAG.
 * @throws {CisError} `invalid_json`, `invalid_spec`, `scope_not_allowed`
 */
export function issueTask(call: Call): (tx: Tx) => Done<IssueAnswer> {
  requireJson(call.ctx.req);
  const result = parseSpecDocument(asDag(parseJson(call.text())), parseOptions(call));
  const parsed = acceptedSpec(call, asTaskProblems(result));
  const [task] = parsed.spec.tasks;
  const publish = publishDag(call, parsed);
  return (tx) => {
    const done = publish(tx);
    return { ...done, answer: { ...done.answer, task_id: task?.id ?? "" } };
  };
}

/** The DAG around a task. What isn't an object goes to the parser as it is, which says so. */
function asDag(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const isOfDag = ([key]: [string, unknown]): boolean =>
    (ISSUE_DAG_FIELDS as readonly string[]).includes(key);
  const fields = Object.entries({ id: uuid(), ...body });
  const task = Object.fromEntries(fields.filter((field) => !isOfDag(field)));
  const dag_id = `${ISSUED_PREFIX}${String(task["id"])}`;
  return { ...Object.fromEntries(fields.filter(isOfDag)), dag_id, tasks: [task] };
}

/** Problems with the places that they have in the body: `command`, not `tasks[0].command`. */
function asTaskProblems(result: ParseResult): ParseResult {
  if (result.ok) return result;
  const saysId = result.problems.some(({ path }) => path === "tasks[0].id");
  const problems = result.problems
    // The DAG's id is made of the task's: what is wrong with that one is said once.
    .filter(({ path }) => !(saysId && path === "dag_id"))
    .map((problem) => ({
      ...problem,
      path: problem.path === "dag_id" ? "id" : problem.path.replace(/^tasks\[0\]\.?/, ""),
    }));
  return { ok: false, problems };
}
