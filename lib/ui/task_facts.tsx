import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { EnvList } from "./env_list.tsx";
import { Fact, Facts } from "./facts.tsx";
import { LineCode } from "./line_code.tsx";

/** Everything about a task beside its content; what is as usual is left out. */
export function TaskFacts({ task }: { task: TaskSpec }): JSX.Element {
  const { level, depends_on } = task;
  return (
    <Facts>
      <Fact name="Depends on">
        {depends_on.length === 0 ? "nothing" : <LineCode text={depends_on.join(", ")} />}
      </Fact>
      {task.run_if !== "all_success" && <Fact name="Runs if">{RUN_IF[task.run_if]}</Fact>}
      {level.type !== "mechanical" && (
        <Fact name="Needs a person">
          <LineCode text={JSON.stringify(level)} />
        </Fact>
      )}
      <Surroundings task={task} />
      <Failure task={task} />
    </Facts>
  );
}

const RUN_IF = {
  all_success: "all it depends on succeeded",
  all_done: "all it depends on ended, however",
  any_failed: "something it depends on failed",
} as const;

function Surroundings({ task }: { task: TaskSpec }): JSX.Element {
  const { env, secrets, cwd, permissions, resources } = task;
  return (
    <>
      {Object.keys(env).length > 0 && (
        <Fact name="Environment">
          <EnvList env={env} />
        </Fact>
      )}
      {secrets.length > 0 && (
        <Fact name="Secrets">
          <LineCode text={secrets.join(", ")} />
        </Fact>
      )}
      {cwd !== undefined && (
        <Fact name="Directory">
          <LineCode text={cwd} />
        </Fact>
      )}
      {permissions !== undefined && (
        <Fact name="Asks for">
          <LineCode text={JSON.stringify(permissions)} />
        </Fact>
      )}
      {resources !== undefined && (
        <Fact name="Resources">
          <LineCode text={JSON.stringify(resources)} />
        </Fact>
      )}
    </>
  );
}

function Failure({ task }: { task: TaskSpec }): JSX.Element {
  const { retry, rollback } = task;
  return (
    <>
      {/* The limit of its scope stands above, among what it may use. */}
      <Fact name="Timeout">{task.timeout ?? "none of its own"}</Fact>
      <Fact name="Attempts">{retry.max_attempts === 1 ? "one" : retryText(retry)}</Fact>
      {task.on_failure === "ignorable" && (
        <Fact name="If it fails">the run goes on; the failure is noted as debt</Fact>
      )}
      {rollback.length > 0 && (
        <Fact name="Rollback">
          <ol>
            {rollback.map((command) => (
              <li key={command}>
                <LineCode text={command} />
              </li>
            ))}
          </ol>
        </Fact>
      )}
      {!task.idempotent && <Fact name="Safe to repeat">no</Fact>}
    </>
  );
}

function retryText(retry: TaskSpec["retry"]): string {
  return `up to ${retry.max_attempts}; waits ${retry.delay} first, then ${retry.multiplier} times ` +
    `as long after each failure, ${retry.max_delay} at most`;
}
