/** The texts under which a secret may turn up in what a task writes. Pure. */

/** A shorter text is not looked for: ordinary words would be blotted out with it. */
export const MIN_FORM_LENGTH = 8;

/** Columns after which `base64` and `openssl` break their lines. */
const BASE64_COLUMNS = [76, 64];

const encoder = new TextEncoder();

/**
 * All forms of a secret, each once: as it is, each of its lines that is long enough, and all of that
 * as JSON, as a URL and as a shell would write it; and its base64 in every alignment.
 */
export function secretForms(secret: string): string[] {
  const lines = secret.split(/\r\n|[\r\n]/).map((line) => line.trim());
  const parts = new Set([secret, secret.trim(), ...lines]);
  const forms = [...parts].flatMap((part) => [part, ...quoted(part), ...urlEncoded(part)]);
  const encoded = [secret, secret.trim()].flatMap(base64Forms);
  return [...new Set([...forms, ...encoded])].filter((form) => form.length >= MIN_FORM_LENGTH);
}

/** As programs quote it: JSON with and without letters beyond ASCII, and what `set -x` prints. */
function quoted(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [json, ascii, json.replaceAll("/", "\\/"), text.replaceAll("'", "'\\''")];
}

function urlEncoded(text: string): string[] {
  const usual = encodeURIComponent(text.toWellFormed());
  const strict = usual.replace(/[!'()*]/g, (one) => `%${hex(one).toUpperCase()}`);
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  return [usual, strict, form].flatMap((one) => [one, lowerEscapes(one)]);
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, "0");
}

/**
 * Base64 of a text that stands anywhere in what is encoded: for each of the three alignments those
 * characters that depend on nothing before or after it. And, for one that is encoded by itself, the
 * lines into which tools break it.
 */
function base64Forms(text: string): string[] {
  const bytes = encoder.encode(text);
  const cores = [0, 1, 2].map((before) => {
    const shifted = new Uint8Array(before + bytes.length);
    shifted.set(bytes, before);
    const first = Math.ceil(before * 8 / 6);
    const end = Math.floor(shifted.length * 8 / 6);
    return base64(shifted).slice(first, end);
  });
  const whole = base64(bytes);
  const lines = BASE64_COLUMNS.flatMap((columns) =>
    whole.length <= columns ? [] : whole.match(new RegExp(`.{1,${columns}}`, "g")) ?? []
  );
  return [...cores, ...lines].flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
