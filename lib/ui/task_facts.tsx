import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { EnvList } from "./env_list.tsx";
import { Fact, Facts } from "./facts.tsx";
import { LineCode } from "./line_code.tsx";
import { shellTokens } from "./highlight/shell_tokens.ts";
import { useWords } from "./words/words.ts";

/** Everything about a task beside its content; what is as usual is left out. */
export function TaskFacts({ task, isAmongOthers = true }: {
  task: TaskSpec;
  /** Whether what it depends on isn't told beside it. */
  isAmongOthers?: boolean;
}): JSX.Element {
  const { task: words } = useWords();
  const { level, depends_on } = task;
  return (
    <Facts>
      {isAmongOthers && (
        <Fact name={words.dependsOn}>
          {depends_on.length === 0 ? words.nothing : <LineCode text={depends_on.join(", ")} />}
        </Fact>
      )}
      {task.run_if !== "all_success" && <Fact name={words.runsIf}>{words.runIf[task.run_if]}</Fact>}
      {level.type !== "mechanical" && (
        <Fact name={words.needsPerson}>
          <PersonLevel level={level} />
        </Fact>
      )}
      <Surroundings task={task} />
      <Failure task={task} />
    </Facts>
  );
}

/** Who or what decides whether it runs, in words, and what else was asked for about that. */
function PersonLevel(
  { level: { type, ...rest } }: { level: Exclude<TaskSpec["level"], { type: "mechanical" }> },
): JSX.Element {
  const { decision } = useWords();
  return (
    <>
      {decision.kinds[type]}
      {Object.keys(rest).length > 0 && (
        <span class="remark">
          <LineCode text={JSON.stringify(rest)} />
        </span>
      )}
    </>
  );
}

function Surroundings({ task }: { task: TaskSpec }): JSX.Element {
  const { task: words } = useWords();
  const { env, secrets, cwd, permissions, resources } = task;
  return (
    <>
      {Object.keys(env).length > 0 && (
        <Fact name={words.environment}>
          <EnvList env={env} />
        </Fact>
      )}
      {secrets.length > 0 && (
        <Fact name={words.secrets}>
          <LineCode text={secrets.join(", ")} />
        </Fact>
      )}
      {cwd !== undefined && (
        <Fact name={words.directory}>
          <LineCode text={cwd} />
        </Fact>
      )}
      {permissions !== undefined && (
        <Fact name={words.asksFor}>
          <LineCode text={JSON.stringify(permissions)} />
        </Fact>
      )}
      {resources !== undefined && (
        <Fact name={words.resources}>
          <LineCode text={JSON.stringify(resources)} />
        </Fact>
      )}
    </>
  );
}

function Failure({ task }: { task: TaskSpec }): JSX.Element {
  const { task: words } = useWords();
  const { retry, rollback } = task;
  return (
    <>
      {/* The limit of its scope stands above, among what it may use. */}
      <Fact name={words.timeout}>{task.timeout ?? words.noTimeout}</Fact>
      <Fact name={words.attempts}>
        {retry.max_attempts === 1
          ? words.one
          : words.retry(retry.max_attempts, retry.delay, retry.multiplier, retry.max_delay)}
      </Fact>
      {task.on_failure === "ignorable" && <Fact name={words.ifItFails}>{words.ignorable}</Fact>}
      {rollback.length > 0 && (
        <Fact name={words.rollback}>
          <ol>
            {rollback.map((command) => (
              <li key={command}>
                <LineCode text={command} tokensOf={shellTokens} />
              </li>
            ))}
          </ol>
        </Fact>
      )}
      {!task.idempotent && <Fact name={words.repeat}>{words.no}</Fact>}
    </>
  );
}
