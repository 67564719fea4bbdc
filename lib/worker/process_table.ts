/** The machine's processes, as far as watching tasks needs them. Linux only. */

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Resident memory in bytes. */
  readonly rss: number;
}

/** Size of a page; Linux on x86-64 and most others. */
const PAGE_BYTES = 4096;

/** All processes; none where there is no /proc. */
export function readProcesses(): ProcessEntry[] {
  const found: ProcessEntry[] = [];
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const entry = /^\d+$/.test(name) ? readProcess(name) : undefined;
      if (entry !== undefined) found.push(entry);
    }
  } catch {
    // Not Linux.
  }
  return found;
}

function readProcess(pid: string): ProcessEntry | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The command's name is in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [, parent] = fields;
    return {
      pid: Number(pid),
      parent: Number(parent),
      rss: Number(fields[21]) * PAGE_BYTES,
    };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** The processes below one, itself not among them. */
export function descendants(processes: readonly ProcessEntry[], pid: number): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const process of processes) {
    const siblings = children.get(process.parent);
    if (siblings === undefined) children.set(process.parent, [process]);
    else siblings.push(process);
  }
  const found = [...children.get(pid) ?? []];
  for (const process of found) found.push(...children.get(process.pid) ?? []);
  return found;
}

/** A variable of a process's environment as it was started; undefined when it can't be read. */
export function environmentOf(pid: number): Map<string, string> {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/environ`);
    return new Map(
      text.split("\0").map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
    );
  } catch {
    // It has ended, or belongs to somebody else.
    return new Map();
  }
}
