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
import { KEEPER_SCRIPT } from "./keeper_script.ts";

/** The control groups of one slot. */
export type SlotGroups = NonNullable<LaunchMeans["groups"]>[number];

/** What a process and all that it started used, as far as the machine counts it. */
export interface Usage {
  /** Most memory at a time, in bytes. */
  readonly peak: number | null;
  /** Processes that were killed for memory. */
  readonly oomKills: number;
}

/** Control groups that hold a process. */
export interface GroupHold {
  readonly groups: SlotGroups;
  readonly limits: TaskLimits;
}

/** How all that a process has started is found again. */
export type Hold =
  /** It is in these control groups. */
  | GroupHold
  /** It is below the process, which takes it along when it dies: walls do. */
  | "tree"
  /** It is in the session of the process. */
  | "session";

/** A process in the keeper's care. */
export interface Kept {
  /** Settles when the process is in its control groups and may begin. @throws {Error} when it can't be */
  readonly joined: Promise<void>;
  /** Sets other limits for its control groups. @throws {Error} when that can't be */
  limit(limits: TaskLimits): Promise<void>;
  /** Asks all of it to end. */
  terminate(): void;
  /** Asks all that it has started to end; itself where there is nothing. */
  terminateBelow(): void;
  /** Kills all of it. */
  kill(): void;
  /** Kills what is left, after its end. */
  end(): Promise<Usage>;
  /** Lets go of it, after its end, and leaves what is left alone. */
  free(): void;
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
    const limit = (limits: TaskLimits): Promise<void> =>
      slot === undefined ? Promise.resolve() : this.#join(pid, slot, limits);
    return {
      joined: typeof hold === "string" ? Promise.resolve() : limit(hold.limits),
      limit,
      terminate: () => this.#tell(`TERM ${pid} ${name}`),
      terminateBelow: () => this.#tell(`STOP ${pid}`),
      kill: () => this.#tell(`KILL ${pid} ${name}`),
      end: async () => {
        this.#live.delete(pid);
        // Where nothing is counted there is nothing to wait for.
        if (slot === undefined) return this.#tell(`END ${pid} ${name}`), NOTHING;
        const answer = await this.#ask(`END ${pid} ${name}`, ["USED", pid]);
        return answer === undefined ? NOTHING : usageOf(answer);
      },
      free: () => {
        this.#live.delete(pid);
        this.#tell(`FREE ${pid} ${name}`);
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
      args: ["-c", KEEPER_SCRIPT],
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

/** What a process used, from the words that tell of it: the peak and the kills. */
export function usageOf([peak, kills]: readonly string[]): Usage {
  return { peak: Number(peak) || null, oomKills: Number(kills) };
}

/** The worker's keeper; its process is started when it is first needed, and again should it end. */
export const keeper = new Keeper();
