import type { JSX } from "preact";
import type { PolicyView } from "../schema/api.ts";
import { Fact, Facts } from "./facts.tsx";
import { PolicyFacts } from "./policy_facts.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** So many are on the page itself; of a node with hundreds of scopes the others are a link away. */
const MOST_SHOWN = 20;

/** What is in force for each scope; for `chosen` alone, if there is one. */
export function ScopePolicies(
  { scopes, chosen }: { scopes: PolicyView["scopes"]; chosen: string | null },
): JSX.Element {
  const { worker } = useWords();
  const isShown = (scope: string, at: number): boolean =>
    chosen === null ? at < MOST_SHOWN : scope === chosen;
  const others = scopes.filter(({ scope }, at) => !isShown(scope, at));
  return (
    <>
      {scopes.filter(({ scope }, at) => isShown(scope, at)).map((rules) => (
        <details key={rules.scope} class="card" open={chosen !== null}>
          <summary>
            <code>{visibleText(rules.scope)}</code>
          </summary>
          <Facts>
            <Fact name={worker.workspace}>
              <code>{visibleText(rules.workspace)}</code>
            </Fact>
          </Facts>
          <PolicyFacts rules={rules} />
        </details>
      ))}
      {others.length > 0 && (
        <ul class="inline-list">
          {others.map(({ scope }) => (
            <li key={scope}>
              <a href={`/settings?scope=${encodeURIComponent(scope)}#scopes`}>{scope}</a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
