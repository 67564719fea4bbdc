/** Random secrets and how they are kept: shown once, stored as a hash. */
import { createHash, randomBytes } from "node:crypto";

/** 256 random bits as 43 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * SHA-256 in hex. A plain hash is enough for secrets of 256 random bits: there is nothing to guess,
 * so nothing to slow down.
 */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
