/**
 * The homeserver that tests talk to: Synapse from its Python package, installed once into a virtual
 * environment in the user's cache and used by all tests from there.
 */
import { join } from "node:path";
import { once } from "./once.ts";

/** The version that the tests are written against; another one gets a directory of its own. */
const PACKAGE = "matrix-synapse==1.163.2";
const TESTED_PYTHON = "3.10 or newer";

/** Whether there is a homeserver to test with. */
export type Installation =
  | { readonly python: string }
  /** In one line: what is missing and what to do. */
  | { readonly missing: string };

/** Installs Synapse unless it is there. At most once per test process. */
export const installSynapse: () => Promise<Installation> = once(async () => {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  const dir = join(home, "cis-dag", PACKAGE.replace("==", "-"));
  const python = join(dir, "bin", "python");
  if (await works(python)) return { python };
  if (!(await run("python3", ["-c", "import venv, ensurepip"])).success) {
    return { missing: `install Python ${TESTED_PYTHON} with venv (Debian: python3-venv)` };
  }
  // Others may be at it as well: made beside it, and moved to its place when complete. Scripts of a
  // virtual environment hold its path, but only `python -m` is used.
  const own = `${dir}.${Deno.pid}`;
  await Deno.mkdir(join(home, "cis-dag"), { recursive: true });
  try {
    for (
      const [program, ...args] of [
        ["python3", "-m", "venv", own],
        [join(own, "bin", "python"), "-m", "pip", "install", "--quiet", PACKAGE],
      ] as const
    ) {
      const { success, text } = await run(program, args);
      if (!success) return { missing: `make "${[program, ...args].join(" ")}" work: ${text}` };
    }
    await Deno.rename(own, dir).catch(() => {
      // Somebody else was faster; theirs is as good.
    });
  } finally {
    await Deno.remove(own, { recursive: true }).catch(() => {
      // It was moved.
    });
  }
  return await works(python) ? { python } : { missing: `find out why ${python} has no Synapse` };
});

async function works(python: string): Promise<boolean> {
  return (await run(python, ["-c", "import synapse.app.homeserver"])).success;
}

async function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly success: boolean; readonly text: string }> {
  try {
    const output = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1) ?? "";
    return { success: output.success, text };
  } catch (error) {
    return { success: false, text: String(error) };
  }
}
