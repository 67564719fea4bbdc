/** How long one address takes to answer. */

const ROUNDS = 60;

/** Time of the processor that a process has taken so far, in milliseconds. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything: the 12th and 13th field, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Rounds of {@linkcode answerTime}. */
export { ROUNDS };

/** The time below which 95 of 100 answers come, as text; or the status where one is no success. */
export async function answerTime(url: string, headers: Record<string, string>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const response = await fetch(url, { headers });
    await response.text();
    if (!response.ok) return `answered ${response.status}`;
    // The first ones fill caches, as those of a node that has run for a while are.
    if (round >= 5) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return `${(times[Math.floor(times.length * 0.95)] ?? NaN).toFixed(1)} ms`;
}
