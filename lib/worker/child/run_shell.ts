/** Runs a `shell` task: its command under /bin/sh in the workspace. */
import { type Attempt, failure, type Outcome } from "./attempt.ts";
import { AttemptFiles } from "./attempt_files.ts";
import { readOutputs } from "./outputs.ts";
import { type ProcessEnd, runProcess } from "./run_process.ts";
import { taskEnvironment } from "./task_environment.ts";
import { workingDirectory } from "./working_directory.ts";

const GRACE_MS = 2_000;

/** Carries out the command. @throws {TaskError} when it can't be started or its outputs are bad */
export async function runShell(
  attempt: Attempt,
  work: { readonly command: string; readonly cwd?: string | undefined },
): Promise<Outcome> {
  const cwd = workingDirectory(attempt.surroundings.workspace, work.cwd);
  using files = new AttemptFiles(attempt);
  const end = await runProcess(attempt, {
    command: "/bin/sh",
    args: ["-c", work.command],
    cwd,
    env: taskEnvironment(attempt, files),
  }, { graceMs: GRACE_MS });
  return failureOf(end) ??
    {
      exitCode: 0,
      outputs: readOutputs(files.outputs, attempt.surroundings.secrets.mask),
      error: null,
    };
}

/** The failure that the end of a process is, or undefined for an exit with 0. */
export function failureOf({ code, signal }: ProcessEnd): Outcome | undefined {
  if (signal !== null) return failure("signal", `was ended by ${signal}`, code);
  if (code !== 0) return failure("exit_code", `exited with code ${code}`, code);
  return undefined;
}
