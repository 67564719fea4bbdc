/** Running a node as an ordinary user, for a test that itself runs as root. */
import { join } from "node:path";

/** The user that owns nothing, on every Linux. */
const NOBODY = 65534;

/** Why nothing can be run as another user here; undefined where it can. */
export function whyNoOtherUser(): string | undefined {
  if (Deno.uid() !== 0) return "only root can run a node as another user; the test's own is used";
  try {
    return Deno.statSync("/usr/bin/setpriv").isFile ? undefined : "setpriv is no program";
  } catch {
    return "setpriv is missing; install util-linux";
  }
}

/** An ordinary user's home with what Deno has downloaded already, gone afterwards. */
export class OtherUser implements AsyncDisposable {
  readonly home: string;
  /** User and group, as chown takes them. */
  readonly owner = `${NOBODY}:${NOBODY}`;
  /** Program and arguments that run what follows as this user. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;

  private constructor(home: string) {
    this.home = home;
    const id = String(NOBODY);
    this.command = ["/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups"];
    this.env = { HOME: home, DENO_DIR: join(home, "deno"), PATH: "/usr/local/bin:/usr/bin:/bin" };
  }

  /** Makes the home. */
  static async create(): Promise<OtherUser> {
    const home = await Deno.makeTempDir({ prefix: "cis-user-" });
    const user = new OtherUser(home);
    await Deno.mkdir(join(home, "deno"));
    await run("cp", ["-r", join(denoDir(), "npm"), join(home, "deno", "npm")]);
    await user.own(home);
    return user;
  }

  /** Gives a directory to the user. */
  async own(path: string): Promise<void> {
    await run("chown", ["-R", this.owner, path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ??
    join(Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/root", ".cache"), "deno");
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
