/** Reads request bodies: bounded, as text, of a kind that is understood. */
import { CisError } from "../errors.ts";

/** How a body is written; "unsaid" where the sender doesn't say or says what curl says by itself. */
export type BodyFormat = "json" | "toml" | "yaml" | "unsaid";

/**
 * Content types and what they stand for. `curl -d` without a header calls every body a form, and so
 * do the calls that the design gives as examples.
 */
const FORMATS: Readonly<Record<string, BodyFormat>> = {
  "": "unsaid",
  "application/json": "json",
  "application/x-www-form-urlencoded": "unsaid",
  "text/json": "json",
  "application/toml": "toml",
  "text/x-toml": "toml",
  "application/yaml": "yaml",
  "application/x-yaml": "yaml",
  "text/yaml": "yaml",
};

/**
 * What the Content-Type says of the body.
 * @throws {CisError} `unsupported_media_type`
 */
export function bodyFormat(request: Request): BodyFormat {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ??
    "";
  const format = FORMATS[type] ?? (type.endsWith("+json") ? "json" : undefined);
  if (format !== undefined) return format;
  throw new CisError(
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
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CisError("invalid_json", `the body is not valid JSON: ${message.slice(0, 300)}`, {
      cause,
    });
  }
}
