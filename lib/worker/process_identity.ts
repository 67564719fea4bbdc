/**
 * Tells a process from another that got its pid later: by when it was started. Linux says so in
 * `/proc/<pid>/stat`; elsewhere the pid alone can't be trusted, and such a process is not signalled.
 */

/** When a process was started, in the kernel's count; undefined when there is none or none known. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The command's name is in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    return state === "Z" || state === "X" ? undefined : fields[19];
  } catch {
    // No such process, or no /proc on this system.
    return undefined;
  }
}

/** Whether the very process that was started then is still there. */
export function isAlive(pid: number | null, start: string | null): boolean {
  return pid !== null && start !== null && processStart(pid) === start;
}
