/** How many columns of a terminal text takes. */

// deno-lint-ignore no-control-regex -- colours begin with one
const COLOUR = /\x1b\[\d+m/g;
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}]+$/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns that `text` takes: two for Chinese, Japanese and Korean characters, none for colours. */
export function textWidth(text: string): number {
  const shown = text.replace(COLOUR, "");
  // Nearly all text is this, and counting is much faster than segmenting.
  if (/^[\x20-\x7e]*$/.test(shown)) return shown.length;
  let width = 0;
  for (const { segment } of graphemes.segment(shown)) width += graphemeWidth(segment);
  return width;
}

/** Fills `text` with blanks up to `width` columns. */
export function padText(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

function graphemeWidth(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
