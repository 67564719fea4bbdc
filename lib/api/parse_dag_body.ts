/** The DAG in the body of a publish or validate. */
import { requireScope } from "../auth/principal.ts";
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import {
  type ParseOptions,
  type ParseResult,
  parseSpecDocument,
  parseSpecText,
} from "../schema/parse_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import { unknownSecrets } from "../schema/unknown_secrets.ts";
import type { Call } from "./endpoint.ts";
import { ownWorkerWarning } from "./own_worker_warning.ts";
import { invalidSpec, requirePermitted } from "./require_permitted.ts";
import { bodyFormat, parseJson } from "./read_body.ts";

/**
 * Parses a DAG in any of its dialects.
 * @throws {CisError} `invalid_json`, `invalid_spec` with every problem or with everything that the
 * policy of the scope does not allow, `scope_not_allowed`
 */
export function parseDagBody(call: Call): ParsedSpec {
  const format = bodyFormat(call.ctx.req);
  const { searchParams } = call.ctx.url;
  const dagId = searchParams.get("dag_id");
  const options = { ...parseOptions(call), ...(dagId === null ? {} : { dagId }) };
  const parsed = format === "json"
    ? parseSpecDocument(parseJson(call.text()), options)
    : parseSpecText(call.text(), format === "unsaid" ? options : { ...options, format });
  return acceptedSpec(call, parsed);
}

/** Who publishes, and where. */
type Publisher = Pick<Call, "node" | "principal">;

/** What the node's settings say about parsing. */
export function parseOptions({ node }: Pick<Call, "node">): ParseOptions {
  return { maxTasks: node.config.max_tasks };
}

/**
 * The parsed spec, as far as the caller may publish it.
 * @throws {CisError} `invalid_spec` with every problem, `scope_not_allowed`
 */
export function acceptedSpec(call: Publisher, parsed: ParseResult): ParsedSpec {
  if (!parsed.ok) throw invalidSpec(parsed.problems);
  const scope = scopeKey(parsed.spec.scope);
  requireScope(call.principal, scope);
  requirePermitted(call.node, parsed.spec);
  const warnings = [
    ...unknownSecrets(parsed.spec, call.node.secrets.namesFor(scope)),
    ...ownWorkerWarning(parsed.spec, call.node.config.matrix),
  ];
  return { ...parsed, warnings: [...parsed.warnings, ...warnings] };
}
