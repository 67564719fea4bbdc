/**
 * The CLI's one writer. Results go to stdout, everything about them (problems, hints, questions)
 * to stderr, so that a pipe gets what was asked for and nothing else.
 * @module
 */
import { plainText } from "./plain_text.ts";
import { padText, textWidth } from "./text_width.ts";

/** Where and how to write. */
export interface OutputOptions {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Write documents instead of text. */
  readonly json?: boolean;
  readonly color?: boolean;
}

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
/** What may stand out, and how. */
export type Colour = keyof typeof COLOURS;

const RESET = "\x1b[0m";
// deno-lint-ignore no-control-regex -- the sequences that `paint` writes, and no others
const OWN_COLOURS = /(\x1b\[(?:0|1|2|31|32|33|36)m)/;

/** Writes for people and programs. */
export class Output {
  /** Whether programs read along: documents only. */
  readonly json: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.json = options.json ?? false;
  }

  /** Makes text stand out, where colours are wanted. */
  paint(colour: Colour, text: string): string {
    if (!this.#options.color || text === "") return text;
    return `\x1b[${COLOURS[colour]}m${text}${RESET}`;
  }

  /** One line of the result. Line breaks within are shown, not made. */
  line(text = ""): void {
    this.#options.writeOut(this.#safe(text) + "\n");
  }

  /** One line beside the result: a problem, a hint. */
  note(text = ""): void {
    this.#options.writeError(this.#safe(text) + "\n");
  }

  /** Text of several lines, each after `indent`. */
  block(text: string, indent = ""): void {
    for (const line of text.replace(/\n$/, "").split("\n")) this.line(indent + line);
  }

  /** Labels and values, one pair a line; pairs without a value are left out. */
  fields(pairs: readonly (readonly [label: string, value: string | null | undefined])[]): void {
    const shown = pairs.filter((pair): pair is readonly [string, string] => Boolean(pair[1]));
    const width = Math.max(0, ...shown.map(([label]) => textWidth(label)));
    for (const [label, value] of shown) {
      this.line(`  ${this.paint("dim", padText(label, width))}  ${value}`);
    }
  }

  /** Rows under their headings, as wide as they have to be. */
  table(headings: readonly string[], rows: readonly (readonly string[])[]): void {
    const safe = rows.map((row) => row.map((cell) => this.#safe(cell)));
    const widths = headings.map((heading, column) =>
      safe.reduce((width, row) => Math.max(width, textWidth(row[column] ?? "")), heading.length)
    );
    const join = (cells: readonly string[]): string =>
      cells.map((cell, column) => padText(cell, widths[column] ?? 0)).join("  ").trimEnd();
    this.line(this.paint("dim", join(headings)));
    for (const row of safe) this.line(join(row));
  }

  /** One JSON document, for reading. */
  document(value: unknown): void {
    this.#options.writeOut(JSON.stringify(value, null, 2) + "\n");
  }

  /** One JSON document of a stream, on one line. */
  jsonLine(value: unknown): void {
    this.#options.writeOut(JSON.stringify(value) + "\n");
  }

  #safe(text: string): string {
    if (!this.#options.color) return plainText(text).replaceAll("\t", "    ");
    const parts = text.split(OWN_COLOURS);
    const safe = parts.map((part, index) => index % 2 === 1 ? part : plainText(part)).join("");
    return (parts.length > 1 && !safe.endsWith(RESET) ? safe + RESET : safe)
      .replaceAll("\t", "    ");
  }
}
