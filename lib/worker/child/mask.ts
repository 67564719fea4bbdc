/**
 * Blots secrets out of text, whole or as it streams by. Pure.
 *
 * What is masked is every character of every occurrence of a form of a secret; occurrences that
 * overlap become one `***`. So what comes out doesn't depend on where the text was cut into chunks.
 *
 * The search is Wu and Manber's: a window as long as the shortest form moves over the text by as far
 * as its last two characters allow, so most characters are never looked at and the number of forms
 * hardly matters.
 */
import { MIN_FORM_LENGTH, secretForms } from "./secret_forms.ts";

const MASK = "***";
/** Pairs of ASCII characters each have a place of their own. */
const HASH_SIZE = 1 << 14;

/** Knows what to look for. */
export class Mask {
  /** How far the window may move, by the hash of its last two characters. */
  readonly #shifts: Uint8Array | undefined;
  /** Forms by their first two characters, longest first. */
  readonly #starts = new Map<number, string[]>();
  /** Whether some form starts with a character, by its low bits. */
  readonly #firsts = new Uint8Array(256);
  readonly #window: number;
  readonly #longest: number;

  /** @param secrets their values; those shorter than eight characters are left alone */
  constructor(secrets: Iterable<string>) {
    const forms = [...new Set([...secrets].flatMap(secretForms))];
    forms.sort((a, b) => b.length - a.length);
    this.#longest = forms[0]?.length ?? 0;
    // The shifts have to fit a byte.
    this.#window = Math.min(forms.at(-1)?.length ?? MIN_FORM_LENGTH, 255);
    if (forms.length > 0) this.#shifts = this.#learn(forms);
  }

  /** Whether there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#shifts === undefined;
  }

  /** A whole text, masked. */
  apply(text: string): string {
    return this.#shifts === undefined
      ? text
      : this.blot(text, { end: text.length, covered: 0 }).text;
  }

  /** A text that was cut at its end, masked; what may be the beginning of a secret is left out. */
  applyToCut(text: string): string {
    return this.blot(text, { end: this.holdFrom(text), covered: 0 }).text;
  }

  /**
   * Masks what starts before `end`.
   * @param part.covered so many characters at the start belong to what was replaced before
   * @returns the masked text up to `end`, and how much after it belongs to what was replaced
   */
  blot(
    text: string,
    { end, covered }: { readonly end: number; readonly covered: number },
  ): { text: string; covered: number } {
    let out = "";
    /** Up to where the text is taken over into `out` or blotted out. */
    let done = covered;
    for (const [start, length] of this.#occurrences(text, end)) {
      if (start >= done) out += text.slice(done, start) + MASK;
      done = Math.max(done, start + length);
    }
    if (done < end) out += text.slice(done, end);
    return { text: out, covered: Math.max(0, done - end) };
  }

  /** Where the longest end of a text starts that may be the beginning of a secret. */
  holdFrom(text: string): number {
    if (this.#shifts === undefined) return text.length;
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at++) {
      if (this.#firsts[text.charCodeAt(at) & 255] === 0) continue;
      if (this.#mayGrow(text.slice(at))) return at;
    }
    return text.length;
  }

  #mayGrow(end: string): boolean {
    if (end.length > 1) {
      const forms = this.#starts.get(pairAt(end, 0)) ?? [];
      return forms.some((form) => form.length > end.length && form.startsWith(end));
    }
    for (const [form = ""] of this.#starts.values()) if (form.startsWith(end)) return true;
    return false;
  }

  /** Start and length of what is found before `end`, by start; the longest for each start. */
  *#occurrences(text: string, end: number): Generator<[start: number, length: number]> {
    const last = this.#window - 1;
    for (let at = this.#next(text, last, end); at >= 0; at = this.#next(text, at + 1, end)) {
      const start = at - last;
      const forms = this.#starts.get(pairAt(text, start)) ?? [];
      const found = forms.find((form) => text.startsWith(form, start));
      if (found !== undefined) yield [start, found.length];
    }
  }

  /** The next end of a window, from `at` on, at which a form may start; -1 when there is none. */
  #next(text: string, at: number, end: number): number {
    const shifts = this.#shifts;
    if (shifts === undefined) return -1;
    const limit = Math.min(text.length, end + this.#window - 1);
    while (at < limit) {
      const shift = shifts[hash(text.charCodeAt(at - 1), text.charCodeAt(at))] ?? 0;
      if (shift === 0) return at;
      at += shift;
    }
    return -1;
  }

  #learn(forms: readonly string[]): Uint8Array {
    const last = this.#window - 1;
    const shifts = new Uint8Array(HASH_SIZE).fill(last);
    for (const form of forms) {
      this.#firsts[form.charCodeAt(0) & 255] = 1;
      const alike = this.#starts.get(pairAt(form, 0));
      if (alike === undefined) this.#starts.set(pairAt(form, 0), [form]);
      else alike.push(form);
      for (let at = 1; at <= last; at++) {
        const place = hash(form.charCodeAt(at - 1), form.charCodeAt(at));
        shifts[place] = Math.min(shifts[place] ?? 0, last - at);
      }
    }
    return shifts;
  }
}

/**
 * Masks a text that comes in chunks. Holds back only what may be the beginning of a secret.
 * `mask` is asked anew for each chunk: secrets may be added while a text goes on.
 */
export class MaskStream {
  readonly #mask: () => Mask;
  #held = "";
  #covered = 0;

  constructor(mask: () => Mask) {
    this.#mask = mask;
  }

  /** @returns what can be shown by now */
  write(chunk: string): string {
    const mask = this.#mask();
    if (mask.isEmpty && this.#held === "") return chunk;
    const text = this.#held + chunk;
    const end = mask.holdFrom(text);
    const masked = mask.blot(text, { end, covered: this.#covered });
    this.#held = text.slice(end);
    this.#covered = masked.covered;
    return masked.text;
  }

  /** @returns what was held back: it was no secret */
  end(): string {
    const text = this.#held;
    const masked = this.#mask().blot(text, { end: text.length, covered: this.#covered });
    this.drop();
    return masked.text;
  }

  /** Forgets what is held back, where the text is cut anyway: the cut may go through a secret. */
  drop(): void {
    this.#held = "";
    this.#covered = 0;
  }
}

function pairAt(text: string, at: number): number {
  return text.charCodeAt(at) * 0x10000 + text.charCodeAt(at + 1);
}

function hash(first: number, second: number): number {
  return ((first << 7) ^ second) & (HASH_SIZE - 1);
}
