/** A spec that has been parsed and found without problems. */
import type { ParseResult } from "../schema/parse_spec.ts";

export type ParsedSpec = Extract<ParseResult, { readonly ok: true }>;
