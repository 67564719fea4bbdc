import type { Context } from "fresh";
import { requireRole } from "../../../../../lib/auth/principal.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import type { State } from "../../../../../lib/api/state.ts";

/** A document that was sent by a form, and what is to be done with it. */
export interface SentDraft {
  readonly text: string;
  readonly isPublish: boolean;
}

/**
 * Reads the form of a new DAG.
 * @throws {CisError} `forbidden`, `body_too_large`
 */
export async function readDraft({ req, state }: Context<State>): Promise<SentDraft> {
  if (state.principal !== undefined) requireRole(state.principal, "publisher");
  // A form writes a byte in up to three characters.
  const form = await readForm(req, 3 * state.node.config.max_body_bytes + 4096);
  return {
    text: (form.get("document") ?? "").replaceAll("\r\n", "\n"),
    isPublish: form.get("do") === "publish",
  };
}
