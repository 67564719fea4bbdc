/** The environment of a task's process. */
import type { TaskDispatch } from "../../schema/room_events.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptFiles } from "./attempt_files.ts";
import { declaredSecrets } from "./declared_secrets.ts";
import { byteLength } from "./pack_content.ts";

/** A single input that is longer is left out of the environment; the system would refuse it. */
const MAX_VALUE_BYTES = 64 * 1024;
/** All inputs together. */
const MAX_INPUTS_BYTES = 512 * 1024;

/**
 * What the policy grants, the inputs, what the task itself sets, the secrets that it declares, and
 * who it is; the later wins. Tells in the attempt's output what was left out.
 * @throws {TaskError} `unknown_secret`
 */
export function taskEnvironment(
  attempt: Attempt,
  { files, isWalled }: { readonly files: AttemptFiles; readonly isWalled: boolean },
): Record<string, string> {
  const { task } = attempt;
  const granted = grantedVariables(attempt);
  // The user's home isn't there behind walls; programs that write to it write there instead.
  if (isWalled && "HOME" in granted) granted["HOME"] = files.temp;
  return {
    ...granted,
    TMPDIR: files.temp,
    ...inputVariables(task.inputs, (text) => attempt.output.say("stderr", text)),
    ...task.env,
    ...declaredSecrets(attempt),
    CIS_RUN_ID: task.run_id,
    CIS_DAG_ID: task.dag_id,
    CIS_TASK_ID: task.task_id,
    CIS_ATTEMPT: String(task.attempt),
    CIS_TMPDIR: files.temp,
    CIS_INPUTS: files.inputs,
    CIS_OUTPUT: files.outputs,
  };
}

/** Of the variables that the worker was given for its tasks, those that this one gets. */
function grantedVariables({ task, surroundings }: Attempt): Record<string, string> {
  const { env, deny } = task.permissions;
  return Object.fromEntries(
    Object.entries(surroundings.baseEnv).filter(([name]) =>
      (env === true || env.includes(name)) && deny?.env.includes(name) !== true
    ),
  );
}

/**
 * `CIS_INPUT_<TASK>_<KEY>` for each key of a dependency's outputs, `CIS_INPUT_<TASK>` for outputs
 * without keys. Texts, numbers and booleans as they are, the rest as JSON.
 */
function inputVariables(
  inputs: TaskDispatch["inputs"],
  note: (text: string) => void,
): Record<string, string> {
  const variables: Record<string, string> = {};
  let total = 0;
  for (const [task, outputs] of Object.entries(inputs)) {
    for (const [name, value] of variablesOf(task, outputs)) {
      const bytes = byteLength(value);
      if (bytes > MAX_VALUE_BYTES || total + bytes > MAX_INPUTS_BYTES || value.includes("\0")) {
        note(`${name} (${bytes} bytes) can't be a variable; read it from the file $CIS_INPUTS`);
        continue;
      }
      total += bytes;
      variables[name] = value;
    }
  }
  return variables;
}

type Json = TaskDispatch["inputs"][string];

function variablesOf(task: string, outputs: Json): [string, string][] {
  if (typeof outputs !== "object" || outputs === null || Array.isArray(outputs)) {
    return [[variableName(task), variableValue(outputs)]];
  }
  return Object.entries(outputs).map(([key, value]) => [
    variableName(`${task}_${key}`),
    variableValue(value),
  ]);
}

function variableName(name: string): string {
  return `CIS_INPUT_${name.toUpperCase().replace(/[^A-Z0-9_]/g, "_")}`;
}

function variableValue(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
