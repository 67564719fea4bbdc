/** The policies of a node as the API shows them. */
import { maySee, type Principal } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import type { PolicyView } from "../schema/api.ts";
import { parseScopeText, type Scope, scopeKey } from "../schema/scope.ts";

/** What is in force for each scope that is known and that the principal may see. */
export function policyView(node: Node, principal: Principal): PolicyView {
  const { policies, policyReload: { state } } = node;
  const { lastError } = state;
  return {
    source: state.path,
    loaded_at: new Date(state.loadedAt).toISOString(),
    last_error: lastError && {
      at: new Date(lastError.at).toISOString(),
      problems: lastError.problems.map(({ path, message }) => ({ path, message })),
    },
    needs_restart: [...state.needsRestart],
    walls: { bubblewrap: policies.walls.bubblewrap, reason: policies.walls.reason },
    scopes: knownScopes(node).filter((scope) => maySee(principal, scopeKey(scope))).map((scope) => {
      const { policy, workspace, ground } = policies.groundOf(scope);
      return {
        scope: scopeKey(scope),
        workspace,
        policy,
        taken_away: { net: [...ground.net], paths: [...ground.paths] },
      };
    }),
  };
}

/** Scopes that settings, workers or DAGs name, and the global one, each once. */
function knownScopes({ policies, config, supervisor, specs }: Node): Scope[] {
  const named = [...Object.keys(policies.file.scopes ?? {}), ...Object.keys(config.workspaces)];
  const scopes: Scope[] = [
    { type: "global" },
    ...named.flatMap((key) => parseScopeText(key) ?? []),
    ...supervisor.list().map(({ scope }) => scope),
    ...specs.scopes(),
  ];
  return [...new Map(scopes.map((scope) => [scopeKey(scope), scope])).values()];
}
