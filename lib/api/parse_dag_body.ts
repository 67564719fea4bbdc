/** The DAG in the body of a publish or validate. */
import { requireScope } from "../auth/principal.ts";
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import { parseSpecDocument, parseSpecText } from "../schema/parse_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import type { Call } from "./endpoint.ts";
import { invalidSpec, requirePermitted } from "./require_permitted.ts";
import { bodyFormat, parseJson } from "./read_body.ts";

/**
 * Parses a DAG in any of its dialects.
 * @throws {CisError} `invalid_json`, `invalid_spec` with every problem or with everything that the
 * policy of the scope does not allow, `scope_not_allowed`
 */
export function parseDagBody(call: Call): ParsedSpec {
  const format = bodyFormat(call.ctx.req);
  const options = {
    maxTasks: call.node.config.max_tasks,
    nodeId: call.node.config.node_id,
    ...(call.ctx.url.searchParams.has("dag_id")
      ? { dagId: call.ctx.url.searchParams.get("dag_id") ?? "" }
      : {}),
  };
  const parsed = format === "json"
    ? parseSpecDocument(parseJson(call.text()), options)
    : parseSpecText(call.text(), format === "unsaid" ? options : { ...options, format });
  if (!parsed.ok) throw invalidSpec(parsed.problems);
  requireScope(call.principal, scopeKey(parsed.spec.scope));
  requirePermitted(call.node, parsed.spec);
  return parsed;
}
