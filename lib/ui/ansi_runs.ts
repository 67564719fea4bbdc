/** Reads the colours that a line of output was meant to have on a terminal. Pure. */
import { visibleText } from "./visible_text.ts";

/** A stretch of text that looks alike. */
export interface AnsiRun {
  /** With nothing hidden in it. */
  readonly text: string;
  /** Names of classes, such as `ansi-red ansi-bold`; empty for plain text. */
  readonly look: string;
}

const COLOURS = ["", "red", "green", "yellow", "blue", "magenta", "cyan", ""] as const;

/** Every escape sequence, with the parameters of those that set a look. */
const ESCAPE =
  // deno-lint-ignore no-control-regex -- escape sequences begin with one
  /\x1b(?:\[([\d;]*)m|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

/**
 * A line in stretches of one look. Black and white are left to the page, which has a light and a
 * dark scheme, and so are grounds; movements of the cursor and titles are left out.
 */
export function ansiRuns(line: string): AnsiRun[] {
  const runs: AnsiRun[] = [];
  let look: Look = PLAIN;
  let from = 0;
  const add = (text: string): void => {
    if (text !== "") runs.push({ text: visibleText(text), look: classesOf(look) });
  };
  const text = line.replace(/\r$/, "");
  for (const escape of text.matchAll(ESCAPE)) {
    add(text.slice(from, escape.index));
    from = escape.index + escape[0].length;
    if (escape[1] !== undefined) look = changed(look, escape[1]);
  }
  add(text.slice(from));
  return runs;
}

interface Look {
  readonly colour: string;
  readonly styles: ReadonlySet<string>;
}

const PLAIN: Look = { colour: "", styles: new Set() };

function classesOf({ colour, styles }: Look): string {
  return [...(colour === "" ? [] : [colour]), ...styles].map((name) => `ansi-${name}`).join(" ");
}

const STYLES: Readonly<Record<number, string>> = { 1: "bold", 3: "italic", 4: "underline" };
const STYLE_ENDS: Readonly<Record<number, string>> = { 22: "bold", 23: "italic", 24: "underline" };

/** The look after a sequence such as `1;31`. */
function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(";").map(Number);
  let now = look;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      // A colour out of 256 by its number, or out of all by its three parts.
      const isIndexed = codes[at + 1] === 5;
      if (code === 38) now = { ...now, colour: isIndexed ? indexed(codes[at + 2] ?? 0) : "" };
      at += isIndexed ? 2 : 4;
    } else now = withCode(now, code);
  }
  return now;
}

function withCode(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 39) return { ...look, colour: "" };
  if (code >= 30 && code <= 37) return { ...look, colour: indexed(code - 30) };
  if (code >= 90 && code <= 97) return { ...look, colour: indexed(code - 90) };
  const styles = new Set(look.styles);
  const [begun, ended] = [STYLES[code], STYLE_ENDS[code]];
  if (begun !== undefined) styles.add(begun);
  if (ended !== undefined) styles.delete(ended);
  return { ...look, styles };
}

/** The first eight colours and their bright forms; the others stay plain. */
function indexed(number: number): string {
  return number < 16 ? COLOURS[number % 8] ?? "" : "";
}
