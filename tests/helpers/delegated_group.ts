/**
 * A control group of version 2 for a node under test, as a service manager delegates one to a service:
 * without, the node would share the test's own, and may not limit anything in it.
 */
import { join } from "node:path";

const HIERARCHY = "/sys/fs/cgroup";
/** Becomes the program once it is in the group; the user that it runs as owns the group. */
const ENTER = 'group=$1 owner=$2; shift 2; mkdir "$group" && chown -R "$owner" "$group" && ' +
  'echo $$ > "$group/cgroup.procs" && exec "$@"';

let made = 0;

/** A group to run one program in. */
export class DelegatedGroup {
  readonly #path = join(HIERARCHY, `cis-test-${Deno.pid}-${++made}`);
  /** Program and arguments that run what follows in the group. */
  readonly command: readonly string[];

  private constructor(owner: string) {
    this.command = ["/bin/sh", "-c", ENTER, "sh", this.#path, owner];
  }

  /**
   * A group, to be made by its command; undefined where the machine has no version 2 with these
   * controllers, or the test may not make groups.
   * @param owner user and group as chown takes them
   */
  static open(owner = "0:0"): DelegatedGroup | undefined {
    if (Deno.uid() !== 0) return undefined;
    try {
      const given = Deno.readTextFileSync(join(HIERARCHY, "cgroup.subtree_control")).split(/\s+/);
      return given.includes("memory") ? new DelegatedGroup(owner) : undefined;
    } catch {
      // Version 1, or none at all.
      return undefined;
    }
  }

  /** Removes it after its program's end. What the node should have removed is left to be seen. */
  remove(): void {
    for (const path of [join(this.#path, "cis-node"), this.#path]) {
      try {
        Deno.removeSync(path);
      } catch {
        // A worker lives on in it, or it was never made.
      }
    }
  }
}
