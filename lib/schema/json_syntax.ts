/** Where and why a text stops being JSON. */
export interface JsonSyntaxError {
  /** Position in UTF-16 units. */
  offset: number;
  message: string;
}

const TOKEN =
  // deno-lint-ignore no-control-regex -- JSON forbids exactly these in strings
  /[\t\n\r ]+|[{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next. "first" is a value or key that may also be missing. */
type Expectation =
  | "value"
  | "first value"
  | "next value"
  | "first key"
  | "next key"
  | "colon"
  | "comma"
  | "end";

/**
 * Finds the first place where a text is not JSON. Engines disagree about whether and how
 * they tell it, so it is worked out here.
 *
 * @returns undefined when the text is JSON
 */
export function findJsonSyntaxError(text: string): JsonSyntaxError | undefined {
  const brackets: string[] = [];
  let expected: Expectation = "value";
  let offset = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined || token === "") {
      return { offset, message: whyNoToken(text, { offset, expected }) };
    }
    if (!/^[\t\n\r ]/.test(token)) {
      const next = advance(token, expected, brackets);
      if (next === undefined) return { offset, message: whyUnexpected(token, expected) };
      expected = next;
    }
    offset += token.length;
  }
  if (expected === "end") return undefined;
  return { offset, message: `the text ends where ${WORDS[expected]} should come` };
}

const WORDS: Record<Expectation, string> = {
  value: "a value",
  "first value": 'a value or "]"',
  "next value": "a value",
  "first key": 'a key in double quotes or "}"',
  "next key": "a key in double quotes",
  colon: '":"',
  comma: "a comma or the closing bracket",
  end: "nothing more",
};

/** What may follow a token, or undefined when the token may not stand here. */
function advance(
  token: string,
  expected: Expectation,
  brackets: string[],
): Expectation | undefined {
  const wantsValue = expected.endsWith("value");
  const wantsKey = expected.endsWith("key");
  switch (token) {
    case "{":
    case "[":
      if (!wantsValue) return undefined;
      brackets.push(token);
      return token === "{" ? "first key" : "first value";
    case "}":
      if (brackets.at(-1) !== "{") return undefined;
      return expected === "first key" || expected === "comma" ? close(brackets) : undefined;
    case "]":
      if (brackets.at(-1) !== "[") return undefined;
      return expected === "first value" || expected === "comma" ? close(brackets) : undefined;
    case ":":
      return expected === "colon" ? "value" : undefined;
    case ",":
      if (expected !== "comma") return undefined;
      return brackets.at(-1) === "{" ? "next key" : "next value";
  }
  if (wantsKey) return token.startsWith('"') ? "colon" : undefined;
  return wantsValue ? afterValue(brackets) : undefined;
}

function close(brackets: string[]): Expectation {
  brackets.pop();
  return afterValue(brackets);
}

function afterValue(brackets: readonly string[]): Expectation {
  return brackets.length === 0 ? "end" : "comma";
}

/** Where a text stops being JSON and why: `line 2, column 5: …`. Repeats no text from strings. */
export function describeSyntaxError(text: string, { offset, message }: JsonSyntaxError): string {
  const before = text.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `line ${before.length}, column ${column}: ${message}`;
}

function whyUnexpected(token: string, expected: Expectation): string {
  const isClosing = token === "}" || token === "]";
  if (isClosing && expected.startsWith("next")) return `a comma before ${token} is one too many`;
  const what = token.startsWith('"') ? "a string" : token.slice(0, 20);
  return `${what} stands where ${WORDS[expected]} should come`;
}

function whyNoToken(
  text: string,
  { offset, expected }: { offset: number; expected: Expectation },
): string {
  const rest = text.slice(offset, offset + 2);
  if (rest.startsWith('"')) return "a string has no end, a raw line break or a bad escape";
  if (rest.startsWith("'")) return "JSON strings have double quotes";
  if (rest === "//" || rest === "/*" || rest.startsWith("#")) return "JSON has no comments";
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return `${JSON.stringify(character)} stands where ${WORDS[expected]} should come`;
}
