/**
 * Encrypts values with AES-256-GCM. A sealed value is `v1.<id of the key>.<nonce, text and tag>`,
 * bound to the place where it is kept: moved to another name or scope, it can't be opened.
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a value for a place. */
export function seal(value: string, key: Uint8Array, place: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString("base64url");
  return `${VERSION}.${keyId(key)}.${sealed}`;
}

/** Decrypts a value. @returns undefined when it was sealed with another key, elsewhere, or changed */
export function open(sealed: string, key: Uint8Array, place: string): string | undefined {
  const [version, id, text = ""] = sealed.split(".");
  const bytes = Buffer.from(text, "base64url");
  if (version !== VERSION || id !== keyId(key) || bytes.length < NONCE_BYTES + TAG_BYTES) {
    return undefined;
  }
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(-TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(tag);
  try {
    const start = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([start, decipher.final()]).toString("utf8");
  } catch {
    // The tag doesn't fit: the row was changed or moved.
    return undefined;
  }
}

/** Tells keys apart without telling anything of them. */
function keyId(key: Uint8Array): string {
  return createHash("sha256").update("cis secret key").update(key).digest("hex").slice(0, 16);
}
