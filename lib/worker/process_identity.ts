/**
 * Tells a process from another that got its pid later: by the boot of the machine and the moment in
 * it at which the process was started. Linux says both; elsewhere the pid alone can't be trusted,
 * and such a process is not signalled.
 */

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

let bootId: string | undefined;

/** Which process has this pid; undefined when there is none, or none that can be told apart. */
export function processIdentity(pid: number): string | undefined {
  const fields = statFields(pid);
  const state = fields?.[0];
  if (fields === undefined || state === "Z" || state === "X") return undefined;
  try {
    bootId ??= Deno.readTextFileSync(BOOT_ID).trim();
  } catch {
    // Without it, the count of a process could be that of another in an earlier boot.
    return undefined;
  }
  return `${bootId}/${fields[19]}`;
}

/** Whether the very process that was started then is still there. */
export function isAlive(pid: number | null, identity: string | null): boolean {
  return pid !== null && identity !== null && processIdentity(pid) === identity;
}

/** Whether a process leads a process group of its own. */
export function leadsGroup(pid: number): boolean {
  return statFields(pid)?.[2] === String(pid);
}

/** Whether a process is what somebody types into: it leads the session of a terminal. */
export function leadsTerminal(pid: number): boolean {
  const [, , , session, terminal] = statFields(pid) ?? [];
  return session === String(pid) && terminal !== "0";
}

/** The processes that a process comes from, its parent first. */
export function ancestorsOf(pid: number): number[] {
  const parent = Number(statFields(pid)?.[1] ?? 0);
  return parent === 0 ? [] : [parent, ...ancestorsOf(parent)];
}

/** The fields of `/proc/<pid>/stat` from the state on; undefined without such a process. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The command's name is in brackets and may itself hold brackets and spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // No such process, or no /proc on this system.
    return undefined;
  }
}
