/**
 * Launchers: shells that live in the control groups of a slot and start one process after another
 * there. What they start is in its groups from the beginning, writes to pipes that are there already,
 * and is waited for by them: the worker itself forks nothing and waits for nobody, and the keeper is
 * asked for nothing, while all goes well.
 *
 * An attempt that has to be killed takes its launcher along; the next one gets another.
 */
import type { TaskLimits } from "../../schema/room_events.ts";
import { type GroupHold, keeper, type Kept, type SlotGroups, usageOf } from "./keeper.ts";
import { COUNT_KILLS } from "./keeper_script.ts";
import { MarkedPipe } from "./output_pipe.ts";
import {
  type ProcessEnd,
  type ProcessGroup,
  type ProgramOrder,
  spawnPiped,
} from "./process_group.ts";
import { whyNoDirectory } from "./working_directory.ts";

/**
 * What a launcher is told first. `ended` is called with a word and an exit code when a process has
 * ended: it kills what that has left, and marks the end of both streams with the code, whether
 * anything is left still, and what was used. Its own stderr is not the task's, so that nothing that the
 * shell has to say gets into somebody's log.
 *
 * What has no memory any more is done, and only its walls are still being taken down: not waited for.
 */
const BEGIN = `exec 9>&2 2> /dev/null
${COUNT_KILLS}
alone() {
  tries=0
  while [ "$tries" -lt 200 ]; do
    others=
    while read -r one; do
      [ "$one" != "$$" ] || continue
      kill -s KILL "$one"
      size=0
      read -r size rest < "/proc/$one/statm"
      [ "$size" = 0 ] || others=1
    done < "$main/cgroup.procs"
    [ -n "$others" ] || return 0
    tries=$((tries + 1))
  done
  return 1
}
ended() {
  left=0
  alone || left=1
  peak=- used=0
  if [ "$memory" != - ]; then
    count
    used=$((count - kills)) kills=$count
    file=$memory/memory.peak
    [ "$version" != 1 ] || file=$memory/memory.max_usage_in_bytes
    [ "$2" = 0 ] || [ ! -e "$file" ] || read -r peak < "$file"
    [ "$version" != 1 ] || echo 0 > "$file"
  fi
  printf '\\000%s %s %s %s %s\\n' "$1" "$2" "$left" "$peak" "$used" >&9
  printf '\\000%s %s %s %s %s\\n' "$1" "$2" "$left" "$peak" "$used"
}
kills=0
[ "$memory" = - ] || { count; kills=$count; }
`;

/** A longer order goes another way: a shell takes its time to read it. */
const MOST_CHARACTERS = 64 * 1024;
/** Variables that shells take for their own, or don't let be set. */
const OF_SHELLS =
  /^(?:_|IFS|PWD|OLDPWD|PPID|E?UID|ENV|LINENO|GROUPS|OPT\w+|BASH\w*|SHELL\w+|POSIX\w+|FUNC\w+|DIR\w+|PIPE\w+|COMP\w+|S?RANDOM|SECONDS|EPOCH\w+)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const encoder = new TextEncoder();
const launchers = new Map<SlotGroups, Launcher>();

/**
 * Has the launcher of a slot start a process. One at a time in each slot.
 * @returns undefined for what a launcher can't start; there is none in the slot then
 */
export function launch(
  order: ProgramOrder | undefined,
  hold: GroupHold,
): ProcessGroup | undefined {
  const known = launchers.get(hold.groups);
  const text = order && orderText(order);
  if (text === undefined) {
    known?.leave();
    return undefined;
  }
  const launcher = known ?? new Launcher(hold);
  launchers.set(hold.groups, launcher);
  return launcher.start(text, hold.limits);
}

class Launcher {
  readonly #groups: SlotGroups;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: MarkedPipe;
  readonly #stderr: MarkedPipe;
  readonly #kept: Kept;
  /** Settles when it is held to the limits that were asked for last. */
  #ready: Promise<void>;
  #limits: TaskLimits;
  /** Told of the launcher's own end while an attempt runs. */
  #onDeath: ((end: ProcessEnd) => void) | undefined;

  constructor({ groups, limits }: GroupHold) {
    this.#groups = groups;
    this.#limits = limits;
    this.#child = spawnPiped({ command: ["/bin/sh", "-s"], cwd: "/", env: {} });
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = new MarkedPipe(this.#child.stdout, () => this.leave());
    this.#stderr = new MarkedPipe(this.#child.stderr, () => this.leave());
    this.#kept = keeper.keep(this.#child.pid, { groups, limits });
    this.#ready = this.#kept.joined.then(() => this.#say(beginText(groups)));
    void this.#child.status.then((end) => this.#died(end));
  }

  /** Starts a process by the text of an order. */
  start(text: string, limits: TaskLimits): ProcessGroup {
    const word = crypto.randomUUID();
    const end = Promise.withResolvers<ProcessEnd>();
    let used: readonly string[] | undefined;
    const onMark = ([code, left, ...rest]: readonly string[]): void => {
      if (left === "0") used = rest;
      this.#onDeath = undefined;
      end.resolve({ code: Number(code), signal: null });
    };
    this.#onDeath = end.resolve;
    this.#stdout.expect(word, onMark);
    this.#stderr.expect(word, onMark);
    return {
      stdout: this.#stdout,
      stderr: this.#stderr,
      exited: end.promise,
      begun: this.#begin(`${text}\nended ${word} $?\n`, limits),
      terminate: () => {
        if (used === undefined) this.#kept.terminateBelow();
      },
      kill: () => {
        if (used === undefined) this.#kept.kill();
      },
      end: () => {
        if (used !== undefined) return Promise.resolve(usageOf(used));
        // Whatever is in the slot is killed now, the launcher too.
        this.leave();
        return this.#kept.end();
      },
    };
  }

  /** Has it end by itself, for what is to be in its slot. */
  leave(): void {
    if (launchers.get(this.#groups) === this) launchers.delete(this.#groups);
    this.#stdin.close().catch(() => {
      // It has ended already.
    });
  }

  async #begin(order: string, limits: TaskLimits): Promise<void> {
    const { memory, cpu } = this.#limits;
    if (memory !== limits.memory || cpu !== limits.cpu) {
      this.#limits = limits;
      this.#ready = this.#ready.then(() => this.#kept.limit(limits));
    }
    try {
      await this.#ready;
    } catch (error) {
      this.#kill();
      throw error;
    }
    await this.#say(order);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async #say(text: string): Promise<void> {
    try {
      await this.#stdin.write(encoder.encode(text));
    } catch {
      // It has ended; how it ended tells why.
    }
  }

  #died(end: ProcessEnd): void {
    if (launchers.get(this.#groups) === this) launchers.delete(this.#groups);
    // The end of an attempt that it has left behind is its own, too.
    if (this.#onDeath === undefined) this.#kept.free();
    else this.#onDeath(end);
  }
}

function beginText({ version, memory, join: [main = ""] }: SlotGroups): string {
  return `version=${version} memory=${quoted(memory ?? "-")} main=${quoted(main)}\n${BEGIN}`;
}

/**
 * What a launcher is told to start something; undefined for what can't be told to a shell, and for
 * what can't be started, of which Deno knows better what is wrong.
 */
function orderText({ command, cwd, env }: ProgramOrder): string | undefined {
  if (whyNoDirectory(cwd) !== undefined) return undefined;
  const names = Object.keys(env);
  if (!names.every((name) => NAME.test(name) && !OF_SHELLS.test(name))) return undefined;
  const variables = names.map((name) => ` ${name}=${quoted(env[name] ?? "")}`);
  const text = `(
cd -P ${quoted(cwd)} || exit
unset OLDPWD
${names.length === 0 ? "" : `export${variables.join("")}`}
exec ${command.map(quoted).join(" ")}
) < /dev/null 2>&9 9>&-`;
  return text.length > MOST_CHARACTERS || text.includes("\0") ? undefined : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
