/** Reads request bodies: bounded, as text, of a kind that is understood. */
import { CisError } from "../errors.ts";
import { describeSyntaxError, findJsonSyntaxError } from "../schema/json_syntax.ts";

/** How a body is written; "unsaid" where the sender doesn't say or says what curl says by itself. */
export type BodyFormat = "json" | "toml" | "yaml" | "unsaid";

/**
 * Content types and what they stand for. `curl -d` without a header calls every body a form, and so
 * do the calls that the design gives as examples.
 */
const FORMATS: ReadonlyMap<string, BodyFormat> = new Map<string, BodyFormat>(Object.entries({
  "": "unsaid",
  "application/json": "json",
  "application/x-www-form-urlencoded": "unsaid",
  "text/json": "json",
  "application/toml": "toml",
  "text/x-toml": "toml",
  "application/yaml": "yaml",
  "application/x-yaml": "yaml",
  "text/yaml": "yaml",
}));

/**
 * What the Content-Type says of the body.
 * @throws {CisError} `unsupported_media_type`
 */
export function bodyFormat(request: Request): BodyFormat {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ??
    "";
  const format = FORMATS.get(type) ?? (type.endsWith("+json") ? "json" : undefined);
  if (format !== undefined) return format;
  throw notSupported(type);
}

/**
 * Throws for a body that says it is something else than JSON, where only JSON will do.
 * @throws {CisError} `unsupported_media_type`
 */
export function requireJson(request: Request): void {
  const format = bodyFormat(request);
  if (format !== "json" && format !== "unsaid") throw notSupported(`${format}`);
}

function notSupported(type: string): CisError {
  return new CisError(
    "unsupported_media_type",
    `the body is said to be "${type.slice(0, 100)}"; send application/json` +
      " (a DAG may also be application/toml or application/yaml)",
  );
}

/**
 * Reads the body as text.
 * @param maxBytes more than this is refused, without reading it all
 * @throws {CisError} `body_too_large`, `invalid_request` when it isn't UTF-8
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = (): CisError =>
    new CisError("body_too_large", `the body is larger than the limit of ${maxBytes} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) {
    await request.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CisError("invalid_request", "the body is not UTF-8 text", { cause });
  }
}

/**
 * Parses a JSON body; an empty one is `{}`.
 * @throws {CisError} `invalid_json`
 */
export function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The engine's own message repeats parts of the body, which may hold a secret.
    const found = findJsonSyntaxError(text);
    const where = found === undefined ? "it can't be read" : describeSyntaxError(text, found);
    throw new CisError("invalid_json", `the body is not valid JSON: ${where}`, { cause });
  }
}
