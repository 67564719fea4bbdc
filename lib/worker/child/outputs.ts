/** What a task hands on to those that depend on it. */
import { findJsonSyntaxError } from "../../schema/json_syntax.ts";
import type { TaskResult } from "../../schema/room_events.ts";
import { TaskError } from "./attempt.ts";
import type { Mask } from "./mask.ts";
import { byteLength } from "./pack_content.ts";

/** Largest outputs of one attempt, as a file and as JSON. */
export const MAX_OUTPUTS_BYTES = 32 * 1024;

const LINE = /^\s*([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/;

/**
 * Reads a task's `$CIS_OUTPUT` file: a JSON object, or `key=value` lines, where values are strings,
 * the last of a key wins, and blank lines and those starting with `#` don't count.
 * @param mask for what errors quote: of a secret that was cut short nothing would be found later
 * @returns null without a file or with an empty one
 * @throws {TaskError} `bad_output` naming the line, `output_too_large`
 */
export function readOutputs(path: string, mask: Mask): TaskResult["outputs"] {
  const text = readFile(path);
  const start = text.trimStart();
  if (start === "") return null;
  const outputs = start.startsWith("{") ? parseObject(text, mask) : parseLines(text, mask);
  checkSize(byteLength(JSON.stringify(outputs)));
  return outputs;
}

/** @throws {TaskError} `output_too_large` */
export function checkSize(bytes: number): void {
  if (bytes <= MAX_OUTPUTS_BYTES) return;
  throw new TaskError(
    "output_too_large",
    `the outputs take ${bytes} bytes of at most ${MAX_OUTPUTS_BYTES}; ` +
      "leave large data in a file of the workspace and hand on its path",
  );
}

function readFile(path: string): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
  if (!info.isFile) throw new TaskError("bad_output", "$CIS_OUTPUT is not a plain file any more");
  checkSize(info.size);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
  } catch (error) {
    throw new TaskError("bad_output", "$CIS_OUTPUT is not text in UTF-8", { cause: error });
  }
}

function parseObject(text: string, mask: Mask): TaskResult["outputs"] {
  try {
    return JSON.parse(text);
  } catch {
    // Worked out here, since the engine often doesn't say where. The reason quotes a little, so it is
    // looked for without the secrets.
    const line = text.slice(0, findJsonSyntaxError(text)?.offset).split("\n").length;
    const reason = findJsonSyntaxError(mask.apply(text))?.message ??
      "a secret in it is not written as JSON";
    throw new TaskError(
      "bad_output",
      `$CIS_OUTPUT starts like a JSON object but is none, in line ${line}: ${reason}`,
    );
  }
}

function parseLines(text: string, mask: Mask): TaskResult["outputs"] {
  const outputs = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const [, key, value] = LINE.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      throw new TaskError(
        "bad_output",
        `line ${index + 1} of $CIS_OUTPUT is not key=value: ${
          JSON.stringify(mask.apply(line).slice(0, 80))
        }`,
      );
    }
    outputs.set(key, value);
  }
  return Object.fromEntries(outputs);
}
