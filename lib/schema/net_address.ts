/**
 * An address as `net` lists name it: `host` for all of its ports, or `host:port`. A host is a name,
 * `*.name` for the names below it, an IPv4 address or a block of them (`10.0.0.0/8`), or an IPv6
 * address in brackets.
 * @module
 */

/** The parts of an entry. */
export interface NetAddress {
  /** In lower case, without a final dot; IPv6 in brackets. */
  readonly host: string;
  /** null: every port. */
  readonly port: number | null;
}

const LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?";
const NAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
const BLOCK = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const ENTRY = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/;

/** Reads an entry. @returns undefined when the text is none */
export function parseNetEntry(text: string): NetAddress | undefined {
  const match = ENTRY.exec(text.toLowerCase());
  if (match === null) return undefined;
  const host = (match[1] ?? "").replace(/\.$/, "");
  const port = match[2] === undefined ? null : Number(match[2]);
  if (port !== null && (port < 1 || port > 65535)) return undefined;
  return isHost(host) ? { host, port } : undefined;
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) return IPV6.test(host) && URL.canParse(`http://${host}`);
  // Whatever looks like an address is held to be one: 300.1.2.3 is no name.
  if (/^[\d./]+$/.test(host)) return blockOf(host) !== undefined;
  return NAME.test(host);
}

/** Whether what an entry grants (or denies) holds for all of another one. */
export function netCovers(wide: string, narrow: string): boolean {
  const outer = parseNetEntry(wide);
  const inner = parseNetEntry(narrow);
  if (outer === undefined || inner === undefined) return wide === narrow;
  if (outer.port !== null && outer.port !== inner.port) return false;
  return hostCovers(outer.host, inner.host);
}

/** What two entries both include; undefined when that is nothing. */
export function netMeet(one: string, other: string): string | undefined {
  const [a, b] = [parseNetEntry(one), parseNetEntry(other)];
  if (a === undefined || b === undefined) return one === other ? one : undefined;
  if (a.port !== null && b.port !== null && a.port !== b.port) return undefined;
  const port = a.port ?? b.port;
  // Of two hosts, one includes the other or they have nothing in common.
  const host = hostCovers(a.host, b.host)
    ? b.host
    : hostCovers(b.host, a.host)
    ? a.host
    : undefined;
  if (host === undefined) return undefined;
  return port === null ? host : `${host}:${port}`;
}

function hostCovers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  if (wide.startsWith("*.")) return narrow.endsWith(wide.slice(1));
  const outer = blockOf(wide);
  const inner = blockOf(narrow);
  if (outer === undefined || inner === undefined) return false;
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** First and last address of a block of IPv4 addresses. */
function blockOf(host: string): { first: number; last: number } | undefined {
  const match = BLOCK.exec(host);
  if (match === null) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? 32);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const size = 2 ** (32 - bits);
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = address - address % size;
  return { first, last: first + size - 1 };
}
