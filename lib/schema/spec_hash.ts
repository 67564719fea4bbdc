import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical_json.ts";
import type { DagSpec } from "./dag_spec.ts";

/** SHA-256 of the canonical JSON of a canonical spec, as lower-case hex. */
export function specHash(spec: DagSpec): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(spec))));
}
