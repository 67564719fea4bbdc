/** Takes out of a text what must not be read in it: tokens, sign-in tickets, session cookies. */

/** A secret of this system with the words that it always comes with, as itself or in an address. */
const SECRETS = [
  /(did(?::|%3A)cis(?::|%3A)[\w.-]{1,64}(?::|%3A))(?!tok-)[\w-]{16,}/gi,
  /((?:ticket|cis_session)(?:=|%3D))[\w-]{16,}/gi,
];

/**
 * The text with secrets replaced by `***`. For what is printed or answered and may repeat what
 * somebody sent: a token pasted into the wrong field must not stay in a log because of it.
 */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((cleaned, secret) => cleaned.replace(secret, "$1***"), text);
}
