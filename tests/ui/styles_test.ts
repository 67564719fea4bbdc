/** Colours that text and its ground have in common must be far enough apart (WCAG AA, 4.5 : 1). */
import assert from "node:assert/strict";

const css = await Deno.readTextFile(new URL("../../static/styles.css", import.meta.url));

function coloursIn(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((
      [, name, hex],
    ) => [name ?? "", hex ?? ""]),
  );
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["paper", "raised", "sunken"];
const PAIRS = [
  ...["ink", "ink-quiet", "link", "good", "bad", "warning", "active", "waiting", "cyan"].flatMap((
    text,
  ) => GROUNDS.map((ground) => [text, ground])),
  ...["good", "bad", "active", "waiting", "warning", "over", "ink", "link"].flatMap((text) =>
    ["good", "bad", "active", "waiting", "warning", "over"].filter((look) =>
      text === look || text === "ink" || text === "link"
    ).map((look) => [text, `${look}-tint`])
  ),
  ["ink-quiet", "waiting-tint"],
  ["ink", "mark"],
  ["raised", "good"],
];

for (const scheme of ["light", "dark"]) {
  Deno.test(`text can be read in the ${scheme} scheme`, () => {
    const blocks = css.split("@media (prefers-color-scheme: dark)");
    const block = (scheme === "light" ? blocks[0] : blocks[1]?.split("\n}\n")[0]) ?? "";
    const colours = coloursIn(block);
    assert.ok(colours.size >= 21, `${colours.size} colours`);
    for (const [text = "", ground = ""] of PAIRS) {
      const ratio = contrast(colours.get(text) ?? "", colours.get(ground) ?? "");
      assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
  });
}
