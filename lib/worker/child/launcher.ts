/**
 * The program that every task's process is started by: a shell that joins the control groups of its
 * slot, sets limits, runs the command and tells afterwards what it used. It stays until the command
 * has ended, and ignores the signals that ask the command to.
 */
import type { LaunchMeans } from "../../schema/link_frames.ts";
import type { TaskLimits } from "../../schema/room_events.ts";

/** The groups of one slot. */
export type SlotGroups = NonNullable<LaunchMeans["groups"]>[number];

/** What is launched, and how. */
export interface LaunchOrder {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly limits: TaskLimits;
  /** Undefined where there are no control groups. */
  readonly groups: SlotGroups | undefined;
  /** Absolute path that usage is written to. */
  readonly usage: string;
  /** Whether the command itself gives the signals back that it gets ignored (see wall_options.ts). */
  readonly resetsSignals: boolean;
}

/** What a command used, as far as the machine counts it. */
export interface Usage {
  /** Most memory at a time, in bytes. */
  readonly peak: number | null;
  /** Processes of it that were killed for memory. */
  readonly oomKills: number;
}

const SIGNALS = "TERM INT HUP QUIT";

/**
 * Arguments: usage file, memory group, its version, memory limit, cpu group, cpu quota, largest
 * file in blocks of 512 bytes, groups to join, signals to give back, command. "-" for
 * what there is not.
 */
const SCRIPT = `trap "" ${SIGNALS}
usage=$1 memory=$2 version=$3 limit=$4 cpu=$5 quota=$6 file=$7 join=$8 reset=$9
shift 9
kills() {
  count=0
  if [ "$version" = 1 ]; then events=$memory/memory.oom_control; else events=$memory/memory.events; fi
  while read -r key value; do if [ "$key" = oom_kill ]; then count=$value; fi; done < "$events"
}
if [ "$memory" != - ]; then
  if [ "$version" = 1 ]; then
    [ ! -e "$memory/memory.memsw.limit_in_bytes" ] || echo -1 > "$memory/memory.memsw.limit_in_bytes"
    echo "$limit" > "$memory/memory.limit_in_bytes"
    [ ! -e "$memory/memory.memsw.limit_in_bytes" ] || [ "$limit" = -1 ] ||
      echo "$limit" > "$memory/memory.memsw.limit_in_bytes"
    echo 0 > "$memory/memory.max_usage_in_bytes"
  else
    if [ "$limit" = -1 ]; then echo max > "$memory/memory.max"; else echo "$limit" > "$memory/memory.max"; fi
    [ ! -e "$memory/memory.swap.max" ] || [ "$limit" = -1 ] || echo 0 > "$memory/memory.swap.max"
  fi
  kills
  before=$count
fi
if [ "$cpu" != - ]; then
  if [ "$version" = 2 ]; then
    if [ "$quota" = -1 ]; then echo max > "$cpu/cpu.max"; else echo "$quota 100000" > "$cpu/cpu.max"; fi
  else
    echo "$quota" > "$cpu/cpu.cfs_quota_us"
  fi
fi
(
  ulimit -c 0
  [ "$file" = - ] || ulimit -f "$file"
  for group in $join; do echo 0 > "$group/cgroup.procs" || exit 125; done
  [ "$reset" = - ] || trap - $reset
  exec "$@"
)
code=$?
if [ "$memory" != - ]; then
  kills
  peak=0
  if [ "$version" = 1 ]; then read -r peak < "$memory/memory.max_usage_in_bytes"
  elif [ -e "$memory/memory.peak" ]; then read -r peak < "$memory/memory.peak"; fi
  echo "$peak $((count - before))" > "$usage"
fi
for group in $join; do
  while read -r pid; do kill -s KILL "$pid"; done < "$group/cgroup.procs"
done
exit "$code"`;

/** Arguments of `/bin/sh` that launch the order. */
export function launchArgs(order: LaunchOrder): string[] {
  const { command, limits, groups, usage, resetsSignals } = order;
  return [
    "-c",
    SCRIPT,
    "cis-launch",
    usage,
    groups?.memory ?? "-",
    String(groups?.version ?? "-"),
    String(limits.memory ?? -1),
    groups?.cpu ?? "-",
    limits.cpu === null ? "-1" : String(Math.max(1_000, Math.round(limits.cpu * 100_000))),
    limits.file_size === null ? "-" : String(Math.ceil(limits.file_size / 512)),
    groups?.join.join(" ") ?? "",
    resetsSignals ? "-" : SIGNALS,
    ...command,
  ];
}

/** What the launcher wrote down; nothing is known where it wrote nothing. */
export function readUsage(path: string): Usage {
  try {
    const [peak, kills] = Deno.readTextFileSync(path).trim().split(" ").map(Number);
    return { peak: peak ? peak : null, oomKills: kills ?? 0 };
  } catch {
    // No control group counts memory, or the launcher itself was killed.
    return { peak: null, oomKills: 0 };
  }
}
