import type { JSX } from "preact";
import type { PolicyView } from "../schema/api.ts";
import { Fact, Facts } from "./facts.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords, type Words } from "./words/words.ts";

type Rules = PolicyView["scopes"][number];
type Grant = Rules["policy"]["net"];

const KINDS = ["net", "read", "write", "env", "run"] as const;

/** The rules of a scope: what may be touched first, then how much may be used. */
export function PolicyFacts({ rules: { policy, taken_away } }: { rules: Rules }): JSX.Element {
  const words = useWords();
  const names = words.policy;
  const away = [...taken_away.net, ...taken_away.paths];
  return (
    <Facts>
      {KINDS.map((kind) => (
        <Fact key={kind} name={names[kind]}>
          <GrantText grant={policy[kind]} />
          <Denied grant={policy.deny[kind]} />
        </Fact>
      ))}
      <Fact name={names.secrets}>
        <GrantText grant={policy.secrets} />
      </Fact>
      <Fact name={names.task_types}>{policy.task_types.join(", ")}</Fact>
      <Fact name={names.isolation}>{policy.isolation}</Fact>
      <Amounts policy={policy} names={names} />
      {away.length > 0 && (
        <Fact name={names.never}>
          <GrantText grant={away} />
        </Fact>
      )}
    </Facts>
  );
}

function Amounts(
  { policy, names }: { policy: Rules["policy"]; names: Words["policy"] },
): JSX.Element {
  return (
    <>
      <Fact name={names.memory}>{policy.memory}</Fact>
      <Fact name={names.cpu}>{policy.cpu ?? names.noLimit}</Fact>
      <Fact name={names.pids}>{policy.pids}</Fact>
      <Fact name={names.disk}>{policy.disk}</Fact>
      <Fact name={names.max_concurrent_tasks}>{policy.max_concurrent_tasks}</Fact>
      <Fact name={names.task_timeout}>{policy.task_timeout}</Fact>
      <Fact name={names.max_output}>{policy.max_output}</Fact>
    </>
  );
}

function GrantText({ grant }: { grant: Grant }): JSX.Element {
  const { frame } = useWords();
  if (grant === true) return <strong>{frame.all}</strong>;
  if (grant === false || grant.length === 0) return <span class="quiet">{frame.nothing}</span>;
  return (
    <ul class="inline-list">
      {grant.map((entry) => (
        <li key={entry}>
          <code>{visibleText(entry)}</code>
        </li>
      ))}
    </ul>
  );
}

function Denied({ grant }: { grant: Grant | undefined }): JSX.Element | null {
  const { policy } = useWords();
  if (grant === undefined || grant === false || (grant !== true && grant.length === 0)) return null;
  return (
    <div class="remark">
      {policy.deny}: <GrantText grant={grant} />
    </div>
  );
}
