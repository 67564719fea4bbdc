/** Runs a `shell` task: its command under /bin/sh in the workspace, behind walls where there are any. */
import type { Attempt, Outcome } from "./attempt.ts";
import { AttemptFiles } from "./attempt_files.ts";
import { readOutputs } from "./outputs.ts";
import { failureOf, runProcess } from "./run_process.ts";
import { taskEnvironment } from "./task_environment.ts";
import { workingDirectory } from "./working_directory.ts";

const GRACE_MS = 2_000;
/**
 * Waits for the line that says that the shell is where it belongs, then does as `sh -c` does. In the
 * same shell: starting another one would cost as much as many a command.
 */
const BEGIN =
  'read -r cis_command && exec < /dev/null && cis_command=$1 && shift && eval "$cis_command"';

/** Carries out the command. @throws {TaskError} when it can't be started or its outputs are bad */
export async function runShell(
  attempt: Attempt,
  work: { readonly command: string; readonly cwd?: string | undefined },
): Promise<Outcome> {
  const { task, surroundings } = attempt;
  const cwd = workingDirectory(surroundings.workspace, work.cwd);
  using files = new AttemptFiles(attempt);
  const isWalled = task.walls === "bubblewrap";
  const end = await runProcess(attempt, {
    command: ["/bin/sh", "-c", BEGIN, "/bin/sh", work.command],
    input: "\n",
    atOnce: ["/bin/sh", "-c", work.command],
    files,
    cwd,
    env: taskEnvironment(attempt, { files, isWalled }),
    walls: isWalled ? [] : undefined,
    graceMs: GRACE_MS,
  });
  return failureOf(attempt, end) ??
    {
      exitCode: 0,
      outputs: files.isUntouched ? null : readOutputs(files.outputs, surroundings.secrets.mask),
      error: null,
    };
}
