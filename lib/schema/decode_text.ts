import { parse as parseToml, TomlError } from "smol-toml";
import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { describeSyntaxError, findJsonSyntaxError } from "./json_syntax.ts";
import { quote } from "./quote.ts";
import { type Problem, problem, type ProblemCode } from "./spec_problem.ts";

/** The text formats in which a DAG can be written. */
export type SpecFormat = "json" | "toml" | "yaml";

/** A document read from text, or why it could not be read. */
export type DecodedText = { ok: true; document: unknown } | { ok: false; problems: Problem[] };

/** Reads text of a known or unknown format. */
export function decodeText(text: string, format?: SpecFormat): DecodedText {
  if (text.trim() === "") return failed("not_an_object", "the text is empty");
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  switch (format ?? detectFormat(body)) {
    case "json":
      return decodeJson(body);
    case "toml":
      return decodeToml(body);
    case "yaml":
      return decodeYaml(body);
  }
}

const TOML_START = /^(?:\[|(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*[^=\s]+)*\s*=)/;

/**
 * Tells the format by the first line that says something: JSON starts with a brace, TOML
 * with a table in brackets or `name =`, everything else is YAML.
 */
export function detectFormat(text: string): SpecFormat {
  const line = text.split("\n").map((line) => line.trim()).find((line) => !/^(?:#|$)/.test(line));
  if (line === undefined) return "yaml";
  if (line.startsWith("{")) return "json";
  return TOML_START.test(line) ? "toml" : "yaml";
}

function failed(code: ProblemCode, message: string): DecodedText {
  return { ok: false, problems: [problem("", code, message)] };
}

function decodeJson(text: string): DecodedText {
  try {
    return { ok: true, document: JSON.parse(text) };
  } catch (error) {
    const found = findJsonSyntaxError(text);
    if (found === undefined) return failed("syntax_error", `not JSON: ${messageOf(error)}`);
    return failed("syntax_error", `not JSON: ${describeSyntaxError(text, found)}`);
  }
}

function at(line: number, column: number): string {
  return `line ${line}, column ${column}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function decodeToml(text: string): DecodedText {
  try {
    return { ok: true, document: parseToml(text) };
  } catch (error) {
    if (error instanceof RangeError) return failed("too_deep", "nested too deeply to be read");
    if (!(error instanceof TomlError)) {
      return failed("syntax_error", `not TOML: ${messageOf(error)}`);
    }
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    return failed(tomlCode(reason), `not TOML: ${at(error.line, error.column)}: ${reason}`);
  }
}

/** The library tells kinds of mistakes apart by their text only. */
function tomlCode(reason: string): ProblemCode {
  if (reason.includes("nested")) return "too_deep";
  return reason.includes("redefine") ? "duplicate_key" : "syntax_error";
}

/** How often aliases may be followed; more is not a document but a bomb. */
const MAX_ALIASES = 100;

/** The first mistakes in a text explain the rest. */
const MAX_SYNTAX_PROBLEMS = 20;

function decodeYaml(text: string): DecodedText {
  try {
    const lines = new LineCounter();
    // Keys are compared below: the library compares each with each.
    const options = { schema: "core", uniqueKeys: false, logLevel: "error" } as const;
    const yaml = parseDocument(text, { ...options, prettyErrors: false, lineCounter: lines });
    const faults = [...yaml.errors, ...yaml.warnings].slice(0, MAX_SYNTAX_PROBLEMS);
    const problems = faults.map((fault) => yamlProblem(fault, lines));
    if (problems.length === 0) problems.push(...duplicateKeys(yaml, lines));
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, document: yaml.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    if (error instanceof ReferenceError) return failed("too_large", `YAML: ${error.message}`);
    if (error instanceof RangeError) return failed("too_deep", "nested too deeply to be read");
    return failed("syntax_error", `not YAML: ${messageOf(error)}`);
  }
}

function yamlProblem(fault: YAMLError, lines: LineCounter): Problem {
  if (fault.message.includes("call stack")) {
    return problem("", "too_deep", "nested too deeply to be read");
  }
  if (fault.code === "MULTIPLE_DOCS") {
    return problem("", "syntax_error", "the text holds several YAML documents; give one at a time");
  }
  const { line, col } = lines.linePos(fault.pos[0]);
  return problem("", "syntax_error", `not YAML: ${at(line, col)}: ${fault.message}`);
}

function duplicateKeys(yaml: Document, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(yaml, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          const { line, col } = lines.linePos(key.range?.[0] ?? 0);
          const message = `not YAML: ${at(line, col)}: the key ${quote(name)} occurs twice`;
          problems.push(problem("", "duplicate_key", message));
        }
        seen.add(name);
      }
      return problems.length > MAX_SYNTAX_PROBLEMS ? visit.BREAK : undefined;
    },
  });
  return problems.slice(0, MAX_SYNTAX_PROBLEMS);
}
