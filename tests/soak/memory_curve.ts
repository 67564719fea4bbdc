/** Whether a process's memory grows under a load that doesn't. */

/** How often it is looked at. */
const EVERY_MS = 500;
/** Growth of the last third over the middle third that is taken for a leak: share and bytes. */
const GROWTH = 1.3;
const SLACK_BYTES = 40 * 1024 * 1024;

export class MemoryCurve {
  readonly #pid: number;
  readonly #samples: number[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Takes samples for a time. */
  async watch(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      this.#samples.push(residentBytes(this.#pid));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  /** The medians of the thirds in words. */
  summary(): string {
    const words = this.#thirds().map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
    return `memory of the node, by thirds of its life: ${words.join(", ")}`;
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
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
}
