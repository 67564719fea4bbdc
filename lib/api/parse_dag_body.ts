/** The DAG in the body of a publish or validate. */
import { requireScope } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import { parseSpecDocument, parseSpecText } from "../schema/parse_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import { unknownSecrets } from "../schema/unknown_secrets.ts";
import type { Call } from "./endpoint.ts";
import { bodyFormat, parseJson } from "./read_body.ts";

/**
 * Parses a DAG in any of its dialects.
 * @throws {CisError} `invalid_json`, `invalid_spec` with every problem, `scope_not_allowed`
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
  if (!parsed.ok) {
    const [first] = parsed.problems;
    const more = parsed.problems.length - 1;
    throw new CisError(
      "invalid_spec",
      `${first?.path === "" ? "" : `${first?.path}: `}${first?.message ?? "no problem named"}` +
        (more > 0 ? ` (and ${more} more, all in "errors")` : ""),
      { errors: parsed.problems },
    );
  }
  const scope = scopeKey(parsed.spec.scope);
  requireScope(call.principal, scope);
  const warnings = unknownSecrets(parsed.spec, call.node.secrets.namesFor(scope));
  return { ...parsed, warnings: [...parsed.warnings, ...warnings] };
}
