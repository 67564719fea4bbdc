/**
 * The system as a task behind walls sees it: programs, libraries and settings of the machine,
 * read-only, without what an ordinary user couldn't read. No homes, no /var, no /run, no /sys.
 */
import { join } from "node:path";

/** Directories with programs and libraries; some are links into /usr on most systems. */
const PROGRAMS = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/opt",
  "/nix/store",
];
const SETTINGS = "/etc";

/** Arguments of bubblewrap, in the order in which they apply. */
export function systemMounts(): string[] {
  return [
    ...PROGRAMS.flatMap(mount),
    ...mount(SETTINGS),
    ...hide(SETTINGS),
    ...nameServers(),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",
    "--dir",
    "/var/tmp",
    "--dir",
    "/run",
  ];
}

function mount(path: string): string[] {
  try {
    const info = Deno.lstatSync(path);
    if (info.isSymlink) return ["--symlink", Deno.readLinkSync(path), path];
    return info.isDirectory ? ["--ro-bind", path, path] : [];
  } catch {
    // This system has none.
    return [];
  }
}

/** Covers what below a directory is not readable for everybody. A task's user may own it. */
function hide(directory: string): string[] {
  const args: string[] = [];
  for (const entry of entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (entry.isSymlink) continue;
    const mode = modeOf(path);
    if (entry.isDirectory) {
      if ((mode & 0o005) === 0o005) args.push(...hide(path));
      else args.push("--tmpfs", path);
    } else if (entry.isFile && (mode & 0o004) === 0) args.push("--ro-bind", "/dev/null", path);
  }
  return args;
}

function entriesOf(directory: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(directory)];
  } catch {
    // Not readable for the node either.
    return [];
  }
}

function modeOf(path: string): number {
  try {
    return Deno.lstatSync(path).mode ?? 0;
  } catch {
    // Gone meanwhile; hidden, should it come back.
    return 0;
  }
}

/** Where /etc/resolv.conf is a link to a file elsewhere, that file alone. */
function nameServers(): string[] {
  try {
    const real = Deno.realPathSync("/etc/resolv.conf");
    return real.startsWith("/etc/") ? [] : ["--ro-bind", real, real];
  } catch {
    // This system has none.
    return [];
  }
}
