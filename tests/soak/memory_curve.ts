/** Whether the memory of processes grows under a load that doesn't. */

/** How often it is looked at. */
const EVERY_MS = 500;
/** Growth of the last third over the middle third that is taken for a leak: share and bytes. */
const GROWTH = 1.3;
const SLACK_BYTES = 40 * 1024 * 1024;

export class MemoryCurve {
  readonly #whose: string;
  readonly #pids: readonly number[];
  readonly #samples: number[] = [];

  /** Of several processes the largest counts; those that end meanwhile are left out. */
  constructor(whose: string, pids: readonly number[]) {
    this.#whose = whose;
    this.#pids = pids;
  }

  /** Takes samples for a time. */
  async watch(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      const bytes = Math.max(...this.#pids.map(residentBytes));
      if (bytes > 0) this.#samples.push(bytes);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  /** The medians of the thirds in words. */
  summary(): string {
    const words = this.#thirds().map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
    return `memory of ${this.#whose}, by thirds of the time: ${words.join(", ")}`;
  }

  /** A sentence when it has grown. The first third is left out: caches fill, code is compiled. */
  problems(): string[] {
    const [, middle = 0, last = 0] = this.#thirds();
    return last > middle * GROWTH + SLACK_BYTES ? [`memory grows: ${this.summary()}`] : [];
  }

  #thirds(): number[] {
    const size = Math.ceil(this.#samples.length / 3);
    return [0, 1, 2].map((third) => median(this.#samples.slice(third * size, (third + 1) * size)));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function residentBytes(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}
