/** What masking promises, for secrets and chunks at random (the seed is printed on a failure). */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Mask, MaskStream } from "../../../lib/worker/child/mask.ts";
import { secretForms } from "../../../lib/worker/child/secret_forms.ts";

// No "*" in secrets: with one, `***` beside other text could happen to spell a secret.
const few = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 8, maxLength: 14 });
const any = fc.string({ unit: "binary", minLength: 8, maxLength: 40 })
  .filter((text) => !text.includes("*") && text.trim().length >= 8);
const secrets = fc.array(fc.oneof(few, any), { minLength: 1, maxLength: 4 });

/** A text in which whole secrets, parts of them and other things follow each other. */
function textWith(values: readonly string[]): fc.Arbitrary<string> {
  const secret = fc.constantFrom(...values);
  const part = fc.tuple(secret, fc.nat(20), fc.nat(40)).map(([s, from, to]) => s.slice(from, to));
  const form = secret.chain((value) => fc.constantFrom(...secretForms(value)));
  const other = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n", "ü", "😀"), maxLength: 12 });
  return fc.array(fc.oneof(secret, part, form, other), { maxLength: 12 }).map((all) =>
    all.join("")
  );
}

const cases = secrets.chain((values) =>
  fc.record({
    values: fc.constant(values),
    text: textWith(values),
    cuts: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }),
  })
);

function inChunks(mask: Mask, text: string, cuts: readonly number[]): string {
  const stream = new MaskStream(() => mask);
  let out = "";
  let at = 0;
  for (let i = 0; at < text.length; i++) {
    // At least something now and then, so that it ends.
    const length = Math.max(cuts[i % cuts.length] ?? 1, i % cuts.length === 0 ? 1 : 0);
    out += stream.write(text.slice(at, at + length));
    at += length;
  }
  return out + stream.end();
}

/** The same by the definition: each character of each occurrence, joined where they overlap. */
function byDefinition(values: readonly string[], text: string): string {
  const found: [from: number, to: number][] = [];
  for (const form of new Set(values.flatMap(secretForms))) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      found.push([at, at + form.length]);
    }
  }
  found.sort(([a], [b]) => a - b);
  let out = "";
  let done = 0;
  for (const [from, to] of found) {
    if (from >= done) out += `${text.slice(done, from)}***`;
    done = Math.max(done, to);
  }
  return out + text.slice(done);
}

Deno.test("masking a whole text is what the definition says", () => {
  fc.assert(
    fc.property(cases, ({ values, text }) => {
      assert.equal(new Mask(values).apply(text), byDefinition(values, text));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("masking chunks is masking the whole, wherever it is cut", () => {
  fc.assert(
    fc.property(cases, ({ values, text, cuts }) => {
      const mask = new Mask(values);
      assert.equal(inChunks(mask, text, cuts), mask.apply(text));
      assert.equal(inChunks(mask, text, [1]), mask.apply(text));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("no secret is left in what was masked", () => {
  fc.assert(
    fc.property(cases, ({ values, text, cuts }) => {
      const masked = inChunks(new Mask(values), text, cuts);
      for (const value of values) assert.ok(!masked.includes(value), `${value} in ${masked}`);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("base64 of a text with a secret in it shows nothing that depends on the secret alone", () => {
  fc.assert(
    fc.property(
      any,
      fc.uint8Array({ maxLength: 5 }),
      fc.uint8Array({ maxLength: 5 }),
      (s, a, b) => {
        const bytes = Buffer.concat([a, Buffer.from(s), b]);
        for (const encoding of ["base64", "base64url"] as const) {
          const masked = new Mask([s]).apply(bytes.toString(encoding));
          // Up to two characters on each side share bits with what is around, and the padding.
          assert.match(masked, /\*\*\*/);
          const around = Math.ceil((a.length + b.length) * 8 / 6) + 6;
          assert.ok(masked.length <= around + 3, masked);
        }
      },
    ),
  );
});

const SECRET = `pa$$w0rd/ü "two"\nit's line two+`;
for (
  const [what, text] of [
    ["as it is", SECRET],
    ["a line of it", "it's line two+"],
    ["as JSON", JSON.stringify({ a: SECRET })],
    ["as JSON in ASCII", `"pa$$w0rd/\\u00fc \\"two\\"\\nit's line two+"`],
    ["in a URL", `https://x/?a=${encodeURIComponent(SECRET)}`],
    [
      "in a URL, in lower case",
      `?a=${encodeURIComponent(SECRET).replace(/%../g, (e) => e.toLowerCase())}`,
    ],
    ["as a form", new URLSearchParams({ a: SECRET }).toString()],
    ["with CRLF", SECRET.replace("\n", "\r\n")],
    ["as a shell quotes it", "+ echo 'it'\\''s line two+'"],
  ] as const
) {
  Deno.test(`a secret is masked ${what}`, () => {
    const masked = new Mask([SECRET]).apply(`before ${text} after`);
    assert.match(masked, /^before .*\*\*\*.* after$/s);
    assert.doesNotMatch(masked, /w0rd|two|line/);
  });
}

Deno.test("base64 that a tool has broken into lines is masked", () => {
  const secret = Array.from({ length: 40 }, (_, i) => `k${i * 7919}`).join(":");
  for (const columns of [64, 76]) {
    const lines = Buffer.from(secret).toString("base64").match(new RegExp(`.{1,${columns}}`, "g"));
    const masked = new Mask([secret]).apply((lines ?? []).join("\n"));
    assert.match(masked, /^(\*\*\*\n)+(\*\*\*|.{0,7})$/);
  }
});

Deno.test("nothing is held back that can't become a secret", () => {
  const mask = new Mask(["topsecret-1"]);
  const stream = new MaskStream(() => mask);
  assert.equal(stream.write("progress: 10%"), "progress: 10%");
  assert.equal(stream.write(" top"), " ");
  assert.equal(stream.write("ics\n"), "topics\n");
  assert.equal(stream.write("topsecret-1"), "***");
  assert.equal(stream.write("topsec"), "");
  assert.equal(stream.end(), "topsec");
});

Deno.test("where the output is cut, the beginning of a secret goes with the rest", () => {
  const mask = new Mask(["topsecret-1"]);
  const stream = new MaskStream(() => mask);
  assert.equal(stream.write("x topsec"), "x ");
  stream.drop();
  assert.equal(stream.end(), "");
});

Deno.test("a text that was cut shows nothing that the whole one wouldn't", () => {
  fc.assert(
    fc.property(cases, fc.nat(), ({ values, text }, chance) => {
      const mask = new Mask(values);
      const cut = text.slice(0, chance % (text.length + 1));
      assert.ok(mask.apply(text).startsWith(mask.applyToCut(cut)), JSON.stringify(cut));
    }),
    { numRuns: 2_000 },
  );
  // The beginning of what may become a secret can lie within a whole one.
  assert.equal(new Mask(["abcdefghabcdefgh"]).applyToCut("-abcdefghabcdefgh"), "-***");
});

Deno.test("a secret that is added while a text goes on is masked from then on", () => {
  let mask = new Mask([]);
  const stream = new MaskStream(() => mask);
  assert.equal(stream.write("topsecret-1 "), "topsecret-1 ");
  mask = new Mask(["topsecret-1"]);
  assert.equal(stream.write("topsec"), "");
  assert.equal(stream.write("ret-1"), "***");
});

Deno.test("without secrets, and for short values, a text stays as it is", () => {
  assert.ok(new Mask([]).isEmpty);
  assert.ok(new Mask(["short", ""]).isEmpty);
  assert.equal(new Mask(["short"]).apply("short"), "short");
});

Deno.test("a text that repeats the beginning of a long secret for ever isn't held for ever", () => {
  const mask = new Mask(["a".repeat(30) + "b"]);
  const stream = new MaskStream(() => mask);
  let shown = 0;
  for (let i = 0; i < 100; i++) shown += stream.write("a".repeat(100)).length;
  assert.equal(shown, 10_000 - 30);
});
