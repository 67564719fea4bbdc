/** Complaints about misbehaviour as lines for people: one at once, then only how many more came. */

/** For so long after a line, further complaints about the same sender are only counted. */
const QUIET_MS = 10_000;

type Timer = ReturnType<typeof setTimeout>;

export class Complaints {
  readonly #report: (line: string) => void;
  readonly #quiet = new Map<string, { more: number; readonly timer: Timer }>();

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Tells that somebody sent what they should not have. */
  tell(who: string, what: string): void {
    const quiet = this.#quiet.get(who);
    if (quiet !== undefined) return void quiet.more++;
    this.#report(`${who} sent ${what}`);
    const timer = setTimeout(() => this.#end(who), QUIET_MS);
    Deno.unrefTimer(timer);
    this.#quiet.set(who, { more: 0, timer });
  }

  /** Tells the rest. */
  stop(): void {
    for (const who of [...this.#quiet.keys()]) this.#end(who);
  }

  #end(who: string): void {
    const quiet = this.#quiet.get(who);
    if (quiet === undefined) return;
    clearTimeout(quiet.timer);
    this.#quiet.delete(who);
    if (quiet.more > 0) this.#report(`${who} sent ${quiet.more} more of what it should not have`);
  }
}
