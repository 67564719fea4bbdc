/**
 * `deno task simulate --seed N` runs one seed and prints what happens in it;
 * `deno task simulate --seeds N [--from S] [--first]` runs many and prints those that fail, or the first.
 */
import { parseArgs } from "node:util";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    first: { type: "boolean", default: false },
  },
});
const encoder = new TextEncoder();

function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** @returns whether it held */
async function run(seed: number, onTrace?: (line: string) => void): Promise<boolean> {
  try {
    await simulate({ seed, ...(onTrace === undefined ? {} : { onTrace }) });
    return true;
  } catch (error) {
    print(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
    if (onTrace !== undefined && error instanceof Error) print(error.stack ?? "");
    return false;
  }
}

async function runMany(from: number, count: number): Promise<number> {
  const begin = performance.now();
  let failed = 0;
  for (let seed = from; seed < from + count; seed++) {
    if (!await run(seed)) failed++;
    if (failed > 0 && values.first) break;
  }
  const seconds = (performance.now() - begin) / 1000;
  print(`${count} seeds in ${seconds.toFixed(1)} s, ${failed} failed`);
  return failed;
}

const isFine = values.seed !== undefined
  ? await run(Number(values.seed), print)
  : await runMany(Number(values.from), Number(values.seeds)) === 0;
Deno.exit(isFine ? 0 : 1);
