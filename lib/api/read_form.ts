/** Reads the forms of pages. */
import { CisError } from "../errors.ts";
import { readText } from "./read_body.ts";

/** Largest form in bytes: a reason of 4000 characters fits, however it is encoded. */
const MAX_FORM_BYTES = 64 * 1024;

/**
 * The fields of a form.
 * @param maxBytes largest form, encoded as it comes
 * @throws {CisError} `unsupported_media_type` for what no form of ours sends, `body_too_large`
 */
export async function readForm(
  request: Request,
  maxBytes: number = MAX_FORM_BYTES,
): Promise<URLSearchParams> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new CisError("unsupported_media_type", "this address takes the form of its page only");
  }
  return new URLSearchParams(await readText(request, maxBytes));
}
