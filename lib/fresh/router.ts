export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type Method = typeof METHODS[number];

/** Everything registered under one pattern. */
interface Entry<T> {
  pattern: string;
  /** Among patterns with params the earliest registered wins. */
  order: number;
  /** Every param in the pattern; one in an optional group that is absent is empty. */
  names: string[];
  byMethod: Map<string, T>;
}

/** Where a pattern ends in the trie, and what the values on the way there are called. */
interface Leaf<T> {
  entry: Entry<T>;
  names: string[];
}

class Node<T> {
  /** The lowest order in this subtree, so that a search can leave it out. */
  order = Infinity;
  literals: Map<string, Node<T>> = new Map();
  param: Node<T> | null = null;
  leaf: Leaf<T> | null = null;
  /** For `/*`: anything after the slash. */
  wild: Leaf<T> | null = null;
  /** For `/:name*`: any number of segments, none included. */
  many: Leaf<T> | null = null;
}

/** What {@linkcode Router.match} found; `item` is null when the method is not registered. */
export interface Match<T> {
  pattern: string | null;
  params: Record<string, string>;
  item: T | null;
  allowed: string[];
}

type Groups = Record<string, string | undefined>;

const LITERAL = /^[\w\-.~!$&',;=@%]+$/;
const PARAM = /^:(\w+)$/;
const REST = /^(?:\*|:(\w+)\*)$/;
const OPTIONAL = /^(.*)\{(\/?:\w+)\}\?(.*)$/;

/**
 * Finds the handler of a request. Exact paths come first, then patterns in the order of
 * their registration. Common patterns live in a trie; the rest are `URLPattern`s.
 */
export class Router<T> {
  #entries = new Map<string, Entry<T>>();
  #exact = new Map<string, Entry<T>>();
  #trie = new Node<T>();
  #complex: { entry: Entry<T>; matcher: URLPattern }[] = [];

  /** Registers `item`; for one method and pattern the first registration stays. */
  add(method: Method, pattern: string, item: T): void {
    const { byMethod } = this.#entries.get(pattern) ?? this.#insert(pattern);
    if (!byMethod.has(method)) byMethod.set(method, item);
  }

  match(method: string, url: URL): Match<T> {
    const path = url.pathname;
    const exact = this.#exact.get(path) ?? this.#exact.get(otherSlash(path));
    if (exact !== undefined) return toMatch(exact, method, {});

    const search = new Search<T>(path);
    search.visit(this.#trie, 0, []);
    for (const { entry, matcher } of this.#complex) {
      if (entry.order > search.order) break;
      const groups = matcher.exec({ pathname: path })?.pathname.groups;
      if (groups !== undefined) return toMatch(entry, method, groups);
    }
    if (search.best === null) {
      return { pattern: null, params: {}, item: null, allowed: [] };
    }
    return toMatch(search.best.entry, method, search.groups());
  }

  #insert(pattern: string): Entry<T> {
    const variants = withoutOptional(pattern).map((variant) => variant.split("/").slice(1));
    const names = variants.flatMap(namesOf);
    const entry: Entry<T> = { pattern, order: this.#entries.size, names, byMethod: new Map() };
    this.#entries.set(pattern, entry);
    if (!/[*:{}+?()]/.test(pattern)) {
      this.#exact.set(new URL(pattern, "http://localhost").pathname, entry);
    } else if (variants.every(isSimple)) {
      for (const segments of variants) grow(this.#trie, segments, entry);
    } else {
      this.#complex.push({ entry, matcher: new URLPattern({ pathname: pattern }) });
    }
    return entry;
  }
}

/** Walks every branch of the trie that fits and keeps the leaf with the lowest order. */
class Search<T> {
  best: Leaf<T> | null = null;
  #values: string[] = [];
  #segments: string[];

  constructor(path: string) {
    this.#segments = path.split("/").slice(1);
  }

  get order(): number {
    return this.best?.entry.order ?? Infinity;
  }

  groups(): Groups {
    if (this.best === null) return {};
    const { entry, names } = this.best;
    const groups: Groups = {};
    for (const name of entry.names) groups[name] = "";
    names.forEach((name, i) => groups[name] = this.#values[i]);
    return groups;
  }

  visit(node: Node<T>, index: number, values: string[]): void {
    if (node.order >= this.order) return;
    const segment = this.#segments[index];
    if (segment === undefined) {
      this.#keep(node.leaf, values);
      return this.#keep(node.many, values);
    }
    const literal = node.literals.get(segment);
    if (literal !== undefined) this.visit(literal, index + 1, values);
    if (node.param !== null && segment !== "") {
      this.visit(node.param, index + 1, [...values, segment]);
    }
    if (node.wild === null && node.many === null) return;
    const rest = this.#segments.slice(index);
    this.#keep(node.wild, [...values, rest.join("/")]);
    if (!rest.includes("")) this.#keep(node.many, [...values, rest.join("/")]);
  }

  #keep(leaf: Leaf<T> | null, values: string[]): void {
    if (leaf === null || leaf.entry.order >= this.order) return;
    this.best = leaf;
    this.#values = values;
  }
}

function grow<T>(root: Node<T>, segments: string[], entry: Entry<T>): void {
  const leaf = { entry, names: namesOf(segments) };
  let node = root;
  node.order = Math.min(node.order, entry.order);
  for (const segment of segments) {
    if (segment === "*") return void (node.wild ??= leaf);
    if (REST.test(segment)) return void (node.many ??= leaf);
    const child = (PARAM.test(segment) ? node.param : node.literals.get(segment)) ??
      new Node<T>();
    if (PARAM.test(segment)) node.param = child;
    else node.literals.set(segment, child);
    node = child;
    node.order = Math.min(node.order, entry.order);
  }
  node.leaf ??= leaf;
}

/** `/docs` and `/docs/` reach the same exact route. */
function otherSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
}

/** `/docs{/:v}?/x` is two patterns: with the group and without it. */
function withoutOptional(pattern: string): string[] {
  const group = OPTIONAL.exec(pattern);
  if (group === null) return [pattern];
  const [, before = "", inner = "", after = ""] = group;
  return [...withoutOptional(before + inner + after), ...withoutOptional(before + after)];
}

function isSimple(segments: string[]): boolean {
  const last = segments.at(-1) ?? "";
  return segments.every((s) => LITERAL.test(s) || PARAM.test(s) || s === last && REST.test(s)) ||
    segments.length === 1 && last === "";
}

function namesOf(segments: string[]): string[] {
  return segments.flatMap((s) =>
    PARAM.exec(s)?.[1] ?? (REST.test(s) ? REST.exec(s)?.[1] ?? "0" : [])
  );
}

function toMatch<T>({ pattern, byMethod }: Entry<T>, method: string, groups: Groups): Match<T> {
  const item = byMethod.get(method) ??
    (method === "HEAD" ? byMethod.get("GET") : undefined);
  if (item === undefined) {
    return { pattern, params: {}, item: null, allowed: withHead([...byMethod.keys()]) };
  }
  const params: Record<string, string> = Object.create(null);
  for (const name in groups) params[name] = decode(groups[name] ?? "");
  return { pattern, params, item, allowed: [] };
}

/** Whoever answers GET answers HEAD as well. */
export function withHead(methods: string[]): string[] {
  return methods.includes("GET") && !methods.includes("HEAD") ? [...methods, "HEAD"] : methods;
}

/** Decodes as upstream does: `%2F` and other reserved characters stay encoded. */
function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURI(value);
  } catch {
    return value; // not UTF-8: the handler sees what was sent and can refuse it
  }
}
