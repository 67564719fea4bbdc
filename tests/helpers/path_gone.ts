/** Waits until nothing is at a path any more. */
export async function pathGone(path: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (exists(path)) {
    if (Date.now() > deadline) throw new Error(`${path} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
