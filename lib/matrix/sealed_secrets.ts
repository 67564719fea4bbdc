/**
 * Values of secrets on their way to a worker: sealed with a key that only node and worker have, sent to
 * the worker's account and kept in no room. The homeserver passes on what it can't read.
 */

const AES = "AES-GCM";
const NONCE_BYTES = 12;

/** Seals values by name. @param key as the worker was given it */
export async function sealSecrets(
  secrets: Readonly<Record<string, string>>,
  key: string,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const text = new TextEncoder().encode(JSON.stringify(secrets));
  const sealed = await crypto.subtle.encrypt({ name: AES, iv }, await importKey(key), text);
  return toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** Opens what was sealed with the same key; undefined for anything else. */
export async function openSecrets(
  sealed: string,
  key: string,
): Promise<Record<string, string> | undefined> {
  try {
    const bytes = fromBase64(sealed);
    const text = await crypto.subtle.decrypt(
      { name: AES, iv: bytes.subarray(0, NONCE_BYTES) },
      await importKey(key),
      bytes.subarray(NONCE_BYTES),
    );
    return JSON.parse(new TextDecoder().decode(text)) as Record<string, string>;
  } catch {
    // Not the node's, whatever it is.
    return undefined;
  }
}

async function importKey(key: string): Promise<CryptoKey> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return await crypto.subtle.importKey("raw", bytes, AES, false, ["encrypt", "decrypt"]);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
