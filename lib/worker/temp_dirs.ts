/** The workers' temporary directories: `<temp>/<worker>/<instance>`, one for each life of a worker. */
import { join } from "node:path";

/** Removes what a worker's lives until now have left. Its next one makes a directory of its own. */
export async function removeTempOf(temp: string, workerId: string): Promise<void> {
  const directory = join(temp, workerId);
  // Listed at once, removed at leisure: what comes later isn't among them.
  for (const instance of namesIn(directory)) await removeTree(join(directory, instance));
  try {
    Deno.removeSync(directory);
  } catch {
    // A next life is there already.
  }
}

/** Removes what workers have left that are not among these. */
export async function sweepTemp(temp: string, keep: ReadonlySet<string>): Promise<void> {
  for (const workerId of namesIn(temp)) if (!keep.has(workerId)) await removeTempOf(temp, workerId);
}

function namesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    // It was never made.
    return [];
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch {
    // Something that escaped its end still writes there; the next start of the node tries again.
  }
}
