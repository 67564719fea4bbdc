/**
 * The keeper: a shell that lives as long as the worker and does to processes what the worker itself
 * may not. It puts them into control groups before they begin, signals and kills them with all that
 * they have started, and says what they used. When the worker is killed, its end of the pipe closes,
 * and the keeper kills what was left.
 *
 * One helper for all tasks, since starting a program is what costs: a shell or `setsid` around each
 * command would cost as much again as the command.
 */
import type { LaunchMeans } from "../../schema/link_frames.ts";
import type { TaskLimits } from "../../schema/room_events.ts";
import { note } from "./diagnostics.ts";

/** The control groups of one slot. */
export type SlotGroups = NonNullable<LaunchMeans["groups"]>[number];

/** What a process and all that it started used, as far as the machine counts it. */
export interface Usage {
  /** Most memory at a time, in bytes. */
  readonly peak: number | null;
  /** Processes that were killed for memory. */
  readonly oomKills: number;
}

/** How all that a process has started is found again. */
export type Hold =
  /** It is in these control groups. */
  | { readonly groups: SlotGroups; readonly limits: TaskLimits }
  /** It is below the process, which takes it along when it dies: walls do. */
  | "tree"
  /** It is in the session of the process. */
  | "session";

/**
 * Reads lines of a verb, a number and what goes with it:
 *
 *     SLOT n version memory cpu group…   the control groups of a slot; the first one is looked into
 *     LIVE pid hold                      remember it; hold: session, tree or the number of a slot
 *     JOIN pid n limit quota             put it and all below it into the groups of its slot
 *     TERM pid hold                      ask all of it to end
 *     KILL pid hold                      kill all of it
 *     END pid hold                       kill the rest and forget it
 *
 * and answers a JOIN with `JOINED pid` or `REFUSED pid`, an END of a slot with `USED pid peak kills`.
 * "-" stands for what there is not, "=" for a limit that is as it was: a shell reads its input and
 * writes files a piece at a time, so little is said and written.
 */
const SCRIPT = `trap "" HUP INT TERM
live=
tree() {
  local kid kids
  kids=
  read -r kids < "/proc/$1/task/$1/children" || :
  for kid in $kids; do
    found="$found $kid"
    tree "$kid"
  done
}
slot() {
  eval "version=\\$version_$1 memory=\\$memory_$1 cpu=\\$cpu_$1 groups=\\$groups_$1 kills=\\$kills_$1"
  main=\${groups%% *}
}
count() {
  count=0
  if [ "$version" = 1 ]; then events=$memory/memory.oom_control; else events=$memory/memory.events; fi
  while read -r key value; do if [ "$key" = oom_kill ]; then count=$value; fi; done < "$events"
}
limit() {
  if [ "$1" = = ] || [ "$memory" = - ]; then :
  elif [ "$version" = 1 ]; then
    swap=$memory/memory.memsw.limit_in_bytes
    [ ! -e "$swap" ] || echo -1 > "$swap"
    echo "$1" > "$memory/memory.limit_in_bytes"
    [ ! -e "$swap" ] || [ "$1" = -1 ] || echo "$1" > "$swap"
  else
    if [ "$1" = -1 ]; then echo max > "$memory/memory.max"; else echo "$1" > "$memory/memory.max"; fi
    [ ! -e "$memory/memory.swap.max" ] || [ "$1" = -1 ] || echo 0 > "$memory/memory.swap.max"
  fi
  [ "$version" != 1 ] || [ "$memory" = - ] || echo 0 > "$memory/memory.max_usage_in_bytes"
  if [ "$2" = = ] || [ "$cpu" = - ]; then :
  elif [ "$version" = 1 ]; then echo "$2" > "$cpu/cpu.cfs_quota_us"
  elif [ "$2" = -1 ]; then echo max > "$cpu/cpu.max"
  else echo "$2 100000" > "$cpu/cpu.max"; fi
}
join() {
  moved=" "
  again=1
  while [ -n "$again" ]; do
    again=
    found=$1
    tree "$1"
    for one in $found; do
      case $moved in *" $one "*) continue ;; esac
      for group in $groups; do
        echo "$one" > "$group/cgroup.procs" || [ ! -e "/proc/$one" ] || return 1
      done
      moved="$moved$one "
      again=1
    done
  done
}
empty() {
  tries=0
  while [ "$tries" -lt 200 ]; do
    any=
    while read -r one; do
      any=1
      kill -s KILL "$one"
    done < "$1/cgroup.procs"
    [ -n "$any" ] || return 0
    tries=$((tries + 1))
  done
}
slay() {
  case $2 in
    session) kill -s KILL -- "-$1" || kill -s KILL "$1" ;;
    tree) kill -s KILL "$1" ;;
    *) slot "$2"; empty "$main" ;;
  esac
}
ask() {
  if [ "$2" = session ]; then
    kill -s TERM -- "-$1" || kill -s TERM "$1"
    return
  fi
  found=$1
  tree "$1"
  for one in $found; do
    comm=
    read -r comm < "/proc/$one/comm"
    # The walls go with the task, and must not go before it.
    [ "$comm" = bwrap ] || kill -s TERM "$one"
  done
}
finish() {
  case $live in *"$1 $2
"*) live="\${live%%"$1 $2
"*}\${live#*"$1 $2
"}" ;; esac
  case $2 in
    session) kill -s KILL -- "-$1"; return ;;
    tree) return ;;
  esac
  slot "$2"
  empty "$main"
  peak=0
  used=0
  if [ "$memory" != - ]; then
    count
    used=$((count - kills))
    eval "kills_$2=$count"
    if [ "$version" = 1 ]; then read -r peak < "$memory/memory.max_usage_in_bytes"
    elif [ -e "$memory/memory.peak" ]; then read -r peak < "$memory/memory.peak"; fi
  fi
  echo "USED $1 $peak $used"
}
while read -r verb pid rest; do
  set -- $rest
  case $verb in
    SLOT)
      eval "version_$pid=\\$1 memory_$pid=\\$2 cpu_$pid=\\$3"
      version=$1 memory=$2
      shift 3
      eval "groups_$pid=\\$*"
      count=0
      [ "$memory" = - ] || count
      eval "kills_$pid=$count" ;;
    LIVE) live="$live$pid $1
" ;;
    JOIN)
      slot "$1"
      limit "$2" "$3"
      if join "$pid"; then echo "JOINED $pid"; else echo "REFUSED $pid"; fi ;;
    TERM) ask "$pid" "$1" ;;
    KILL) slay "$pid" "$1" ;;
    END) finish "$pid" "$1" ;;
  esac
done
while read -r pid hold; do [ -z "$pid" ] || slay "$pid" "$hold"; done <<EOF
$live
EOF`;

/** A process in the keeper's care. */
export interface Kept {
  /** Settles when the process is in its control groups and may begin. @throws {Error} when it can't be */
  readonly joined: Promise<void>;
  /** Asks all of it to end. */
  terminate(): void;
  /** Kills all of it. */
  kill(): void;
  /** Kills what is left, after its end. */
  end(): Promise<Usage>;
}

/** A slot that the keeper has been told of, with the limits that were written last. */
interface KnownSlot {
  readonly number: number;
  readonly line: string;
  memory: number | undefined;
  quota: number | undefined;
}

const NOTHING: Usage = { peak: null, oomKills: 0 };

class Keeper {
  /** Lines by which a new keeper is told what there is: slots, and what lives. */
  readonly #slots = new Map<SlotGroups, KnownSlot>();
  readonly #live = new Map<number, string>();
  /** Told the rest of an answer, by what it begins with. */
  readonly #waiting = new Map<string, (rest: readonly string[] | undefined) => void>();
  readonly #encoder = new TextEncoder();
  #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #lines: string[] = [];

  /** Takes a process into care that has just been started. */
  keep(pid: number, hold: Hold): Kept {
    const slot = typeof hold === "string" ? undefined : this.#slot(hold.groups);
    const name = slot?.number ?? hold;
    this.#live.set(pid, `LIVE ${pid} ${name}`);
    this.#tell(`LIVE ${pid} ${name}`);
    return {
      joined: slot === undefined || typeof hold === "string"
        ? Promise.resolve()
        : this.#join(pid, slot, hold.limits),
      terminate: () => this.#tell(`TERM ${pid} ${name}`),
      kill: () => this.#tell(`KILL ${pid} ${name}`),
      end: async () => {
        this.#live.delete(pid);
        // Where nothing is counted there is nothing to wait for.
        if (slot === undefined) return this.#tell(`END ${pid} ${name}`), NOTHING;
        const answer = await this.#ask(`END ${pid} ${name}`, ["USED", pid]);
        return answer === undefined ? NOTHING : usageOf(answer);
      },
    };
  }

  #slot(groups: SlotGroups): KnownSlot {
    const known = this.#slots.get(groups);
    if (known !== undefined) return known;
    const number = this.#slots.size;
    const { version, memory, cpu, join } = groups;
    const line = ["SLOT", number, version, memory ?? "-", cpu ?? "-", ...join].join(" ");
    const slot: KnownSlot = { number, line, memory: undefined, quota: undefined };
    this.#slots.set(groups, slot);
    this.#tell(line);
    return slot;
  }

  async #join(pid: number, slot: KnownSlot, limits: TaskLimits): Promise<void> {
    const memory = limits.memory ?? -1;
    const quota = limits.cpu === null ? -1 : Math.max(1_000, Math.round(limits.cpu * 100_000));
    const words = [
      slot.memory === memory ? "=" : memory,
      slot.quota === quota ? "=" : quota,
    ];
    Object.assign(slot, { memory, quota });
    const line = `JOIN ${pid} ${slot.number} ${words.join(" ")}`;
    const answer = await this.#ask(line, ["JOINED", pid]);
    if (answer === undefined) throw new Error("its control groups don't take it");
  }

  #ask(line: string, [word, pid]: [string, number]): Promise<readonly string[] | undefined> {
    const { promise, resolve } = Promise.withResolvers<readonly string[] | undefined>();
    this.#waiting.set(`${word} ${pid}`, resolve);
    this.#tell(line);
    return promise;
  }

  #tell(line: string): void {
    if (this.#lines.length === 0) queueMicrotask(() => this.#flush());
    this.#lines.push(line);
  }

  #flush(): void {
    this.#stdin ??= this.#start();
    const lines = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#stdin.write(this.#encoder.encode(lines)).catch(() => {
      // It ended; a new one is started with the next line.
    });
  }

  #start(): WritableStreamDefaultWriter<Uint8Array> {
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT],
      cwd: "/",
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // Outlives the worker, by as long as it takes to kill what the worker left.
      detached: true,
    }).spawn();
    void this.#listen(child);
    const slots = [...this.#slots.values()].map(({ line }) => line);
    const known = new Set(this.#lines);
    this.#lines.unshift(...[...slots, ...this.#live.values()].filter((line) => !known.has(line)));
    return child.stdin.getWriter();
  }

  async #listen(child: Deno.ChildProcess): Promise<void> {
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const text of lines) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) this.#answered(line.split(" "));
    }
    note("the helper that keeps processes has ended; it will be started again");
    this.#stdin = undefined;
    // What it would have said is not known; who waits must not wait for ever.
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    for (const slot of this.#slots.values()) Object.assign(slot, { memory: undefined });
  }

  #answered([word, pid, ...rest]: readonly string[]): void {
    const key = `${word === "REFUSED" ? "JOINED" : word} ${pid}`;
    const resolve = this.#waiting.get(key);
    this.#waiting.delete(key);
    resolve?.(word === "REFUSED" ? undefined : rest);
  }
}

function usageOf([peak, kills]: readonly string[]): Usage {
  return { peak: Number(peak) || null, oomKills: Number(kills) };
}

/** The worker's keeper; its process is started when it is first needed, and again should it end. */
export const keeper = new Keeper();
