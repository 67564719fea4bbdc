import type { CodeToken, TokenKind } from "./code_token.ts";

const VARIABLE = String.raw`\$(?:\{[^}\n]{0,200}\}|[A-Za-z_]\w{0,99}|[0-9#?@*!$-])`;

/** What can come next; each alternative is tried once at each place. */
const PARTS = new RegExp(
  [
    String.raw`(?<space>[ \t]+|\\\r?\n)`,
    String.raw`(?<line>\r?\n)`,
    String.raw`(?<comment>(?<![^\s;&|()])#[^\n]*)`,
    String.raw`(?<heredoc><<-?[ \t]{0,9}(?<quote>["']?)(?<end>\w{1,60})\k<quote>)`,
    String.raw`(?<raw>\$?'[^']*(?:'|$))`,
    String.raw`(?<quoted>"(?:[^"\\]|\\[\s\S])*(?:"|\\?$))`,
    String.raw`(?<variable>${VARIABLE})`,
    String.raw`(?<tick>\u0060)`,
    String.raw`(?<bracket>\$?\(|\))`,
    String.raw`(?<open>[{;|&!]+)`,
    String.raw`(?<close>[}<>]+)`,
    String.raw`(?<assign>[A-Za-z_]\w{0,99}\+?=)`,
    String.raw`(?<word>(?:[^\s"'$\u0060\\;|&(){}<>]|\\[^\r\n])+)`,
    String.raw`(?<other>[\s\S])`,
  ].join("|"),
  "gu",
);
/** After so many of them nobody's script is being read, but somebody's trap. */
const MOST_MISSING = 20;
const VARIABLES = new RegExp(VARIABLE, "gu");
const KEYWORDS = new Set(
  ("if then elif else fi for in while until do done case esac function select time return exit " +
    "break continue export local readonly set unset").split(" "),
);
/** Words after which a command begins. */
const BEFORE_COMMAND = new Set("if then elif else while until do time".split(" "));

/** Parts of a shell command, as far as they can be told without running it. */
export function shellTokens(text: string): CodeToken[] {
  return new ShellReader(text).read();
}

class ShellReader {
  readonly #text: string;
  readonly #tokens: CodeToken[] = [];
  /** Ends of texts that stand in the command itself, and begin with the next line. */
  #open: string[] = [];
  /** Such ends that don't come: looked for once. */
  readonly #missing = new Set<string>();
  /** Whether the next word is a command, where it is no value of a variable. */
  #isCommand = true;
  #isValue = false;
  #isInTicks = false;
  /** For each bracket that is open, whether it is part of such a value. */
  readonly #brackets: boolean[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): CodeToken[] {
    PARTS.lastIndex = 0;
    for (let match = PARTS.exec(this.#text); match !== null; match = PARTS.exec(this.#text)) {
      const { index, groups = {} } = match;
      const to = index + match[0].length;
      if (groups["line"] !== undefined) {
        PARTS.lastIndex = this.#passTexts(to);
        this.#isCommand = true;
        this.#isValue = false;
      } else this.#part(groups, index, to);
    }
    return this.#tokens;
  }

  #part(groups: Record<string, string | undefined>, from: number, to: number): void {
    const { word, end } = groups;
    if (groups["space"] !== undefined) {
      this.#isValue = false;
      return;
    }
    if (groups["comment"] !== undefined) return this.#add("comment", from, to);
    if (groups["variable"] !== undefined) this.#add("variable", from, to);
    else if (groups["raw"] !== undefined) this.#add("string", from, to);
    else if (groups["quoted"] !== undefined) this.#quoted(from, to);
    else if (end !== undefined) {
      this.#open.push(end);
      this.#add("operator", from, to);
    } else if (groups["tick"] !== undefined) {
      this.#isInTicks = !this.#isInTicks;
      return this.#bracket(this.#isInTicks, from, to);
    } else if (groups["bracket"] !== undefined) {
      return this.#bracket(groups["bracket"] !== ")", from, to);
    } else if (groups["open"] !== undefined) {
      this.#isCommand = true;
      return this.#add("operator", from, to);
    } else if (groups["close"] !== undefined) return this.#add("operator", from, to);
    else if (groups["assign"] !== undefined) {
      // What is set before a command doesn't end the wait for it.
      this.#isValue = true;
      return this.#add(this.#isCommand ? "variable" : "option", from, to);
    } else if (word !== undefined) return this.#word(word, from, to);
    if (!this.#isValue) this.#isCommand = false;
  }

  /** What runs within another command, or for the value of a variable. */
  #bracket(isOpening: boolean, from: number, to: number): void {
    this.#add("operator", from, to);
    if (isOpening) this.#brackets.push(this.#isValue);
    this.#isValue = isOpening ? false : this.#brackets.pop() ?? false;
    this.#isCommand = isOpening || this.#isValue;
  }

  #word(word: string, from: number, to: number): void {
    if (this.#isValue) return;
    if (this.#isCommand && KEYWORDS.has(word)) {
      this.#isCommand = BEFORE_COMMAND.has(word);
      return this.#add("keyword", from, to);
    }
    if (word === "in" || word === "do") {
      this.#isCommand = word === "do";
      return this.#add("keyword", from, to);
    }
    if (this.#isCommand) this.#add("command", from, to);
    else if (/^-{1,2}\w/.test(word)) this.#add("option", from, to);
    this.#isCommand = false;
  }

  /** Variables are put in between double quotes as well. */
  #quoted(from: number, to: number): void {
    let done = from;
    for (const { 0: name, index } of this.#text.slice(from, to).matchAll(VARIABLES)) {
      if (index > 0 && this.#text[from + index - 1] === "\\") continue;
      this.#add("string", done, from + index);
      done = from + index + name.length;
      this.#add("variable", from + index, done);
    }
    this.#add("string", done, to);
  }

  /** Texts in the command that begin here. @returns where the command goes on */
  #passTexts(at: number): number {
    let begin = at;
    for (const end of this.#open) {
      const isHopeless = this.#missing.has(end) || this.#missing.size >= MOST_MISSING;
      const found = isHopeless ? -1 : this.#endOf(end, begin);
      if (found < 0) this.#missing.add(end);
      else {
        this.#add("string", begin, found);
        begin = found;
      }
    }
    this.#open = [];
    return begin;
  }

  /** Where the line that ends a text begins behind its end; -1 where there is none. */
  #endOf(end: string, from: number): number {
    for (let at = from; at <= this.#text.length;) {
      const next = this.#text.indexOf("\n", at);
      const line = this.#text.slice(at, next < 0 ? undefined : next);
      if (line.trim() === end) return at + line.length;
      if (next < 0) return -1;
      at = next + 1;
    }
    return -1;
  }

  #add(kind: TokenKind, from: number, to: number): void {
    if (to > from) this.#tokens.push({ kind, from, to });
  }
}
