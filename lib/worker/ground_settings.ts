/** What a node's own ground is on this machine: its addresses and directories as they really are. */
import { networkInterfaces } from "node:os";
import { join, relative } from "node:path";
import type { GroundSettings } from "./own_ground.ts";
import { isWithin } from "./path_containment.ts";

/** What is known of the node. */
export interface NodePlace {
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number };
  readonly public_url?: string | undefined;
  /** Absolute. */
  readonly data_dir: string;
  /** Absolute directories by scope key. */
  readonly workspaces: Readonly<Record<string, string>>;
}

/** Works out what tasks must not touch. */
export function groundSettings(place: NodePlace): GroundSettings {
  return { ...groundPaths(place), addresses: addressesOf(place) };
}

/** Addresses of the node, with those of the machine where it listens on all of them. */
export function addressesOf({ address, public_url }: NodePlace): GroundSettings["addresses"] {
  const { host, port } = address;
  const everywhere = host === "0.0.0.0" || host === "::";
  const hosts = everywhere ? machineAddresses() : [hostText(host)];
  // Port 0 is one that isn't known yet: nobody listens.
  const own = port === 0 ? [] : hosts.map((name) => ({ host: name, port }));
  if (public_url === undefined) return own;
  const { hostname, port: text, protocol } = new URL(public_url);
  const publicPort = Number(text || (protocol === "https:" ? 443 : 80));
  return [...own, { host: hostname, port: publicPort }];
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    // A link-local address goes with an interface, which no permission can name.
    .filter(({ address, family }) => family === "IPv4" || !address.startsWith("fe80"))
    .map(({ address }) => hostText(address));
}

function hostText(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/**
 * Directories as given and without symbolic links: permissions are compared by text, and either
 * would be a way in. A workspace that is a link gets the data directory within it by its own name.
 */
export function groundPaths(
  { data_dir, workspaces }: NodePlace,
): Pick<GroundSettings, "dataDirs" | "workspaces"> {
  const real = realPath(data_dir);
  const throughLinks = Object.values(workspaces).flatMap((workspace) => {
    const target = realPath(workspace);
    return isWithin(real, target) ? [join(workspace, relative(target, real))] : [];
  });
  return {
    dataDirs: [...new Set([data_dir, real, ...throughLinks])],
    workspaces: [
      ...new Set(Object.values(workspaces).flatMap((path) => [path, realPath(path)])),
    ],
  };
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // Not made yet, so nothing leads to it by another name.
    return path;
  }
}
