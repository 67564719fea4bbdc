/** A host of its own on this machine, by a network namespace whose one cable can be cut. Needs root. */

/** A network namespace and how it is reached. */
export interface NetNamespace extends AsyncDisposable {
  /** Address of this machine, as seen from there. */
  readonly outside: string;
  /** Its own address. */
  readonly inside: string;
  /** What to put before a command that is to run there. */
  readonly prefix: readonly string[];
  /** Lets nothing through any more, in either direction. */
  cut(): Promise<void>;
  /** Puts the cable back. */
  mend(): Promise<void>;
}

/** Of addresses that are kept for tests (RFC 2544): nothing else on the machine has one of them. */
const NETWORK = "198.18";
let made = 0;

/** Why there can be none on this machine; undefined: there can. */
export async function netNamespaceObstacle(): Promise<string | undefined> {
  try {
    const probe = `cis-probe-${Deno.pid}`;
    await ip("netns", "add", probe);
    await ip("netns", "delete", probe);
    return undefined;
  } catch (error) {
    return `network namespaces can't be made (${error instanceof Error ? error.message : error})`;
  }
}

/** Makes one. */
export async function netNamespace(): Promise<NetNamespace> {
  // Other tests, and other runs of this one, may make some at the same time.
  const subnet = `${NETWORK}.${Deno.pid % 200}`;
  const first = 4 * made++;
  const name = `cis-${Deno.pid}-${made}`;
  const [near, far] = [`cisn${Deno.pid % 10_000}-${made}`, `cisf${Deno.pid % 10_000}-${made}`];
  const [outside, inside] = [`${subnet}.${first + 1}`, `${subnet}.${first + 2}`];
  await ip("netns", "add", name);
  try {
    await ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
    await ip("addr", "add", `${outside}/30`, "dev", near);
    await ip("link", "set", near, "up");
    await ip("-n", name, "addr", "add", `${inside}/30`, "dev", far);
    await ip("-n", name, "link", "set", far, "up");
    await ip("-n", name, "link", "set", "lo", "up");
  } catch (error) {
    await ip("netns", "delete", name);
    throw error;
  }
  return {
    outside,
    inside,
    prefix: ["ip", "netns", "exec", name],
    cut: () => ip("link", "set", near, "down"),
    mend: () => ip("link", "set", near, "up"),
    // The cable goes with it.
    [Symbol.asyncDispose]: () => ip("netns", "delete", name),
  };
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (success) return;
  throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
