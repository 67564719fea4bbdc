/** Reads what is to be published. */
import type { DagSource } from "../api/client.ts";
import type { CliContext } from "./context.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  yml: "application/yaml",
  toml: "application/toml",
};

/**
 * The text of a file (`-`: stdin) and the content type of its extension; any other extension
 * leaves it to the node to find out.
 * @throws {UsageError} when the file can't be read
 */
export async function readDagSource(context: CliContext, file: string): Promise<DagSource> {
  const text = await context.readText(file);
  const extension = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? "";
  const contentType = CONTENT_TYPES[extension];
  return contentType === undefined ? { text } : { text, contentType };
}
