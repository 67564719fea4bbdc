/** Refuses a DAG that asks for more than the policy of its scope allows. */
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import { MAX_PROBLEMS } from "../schema/parse_spec.ts";
import type { Problem } from "../schema/spec_problem.ts";
import { specRefusals } from "../worker/spec_refusals.ts";

/**
 * Throws unless every task of a DAG may have what it asks for.
 * @throws {CisError} `invalid_spec`, with a problem `not_permitted` for each thing it may not have
 */
export function requirePermitted({ policies }: Node, spec: DagSpec): void {
  const problems = specRefusals(spec, policies.groundOf(spec.scope), policies.walls);
  if (problems.length > 0) throw invalidSpec(problems.slice(0, MAX_PROBLEMS));
}

/** The error for a document with problems. */
export function invalidSpec(problems: readonly Problem[]): CisError {
  const [first] = problems;
  const more = problems.length - 1;
  return new CisError(
    "invalid_spec",
    `${first?.path === "" ? "" : `${first?.path}: `}${first?.message ?? "no problem named"}` +
      (more > 0 ? ` (and ${more} more, all in "errors")` : ""),
    { errors: [...problems] },
  );
}
