/** From the bytes of an attempt's output to blocks of its numbered lines, secrets masked. */
import type { LogStream } from "../../schema/log_chunk.ts";
import { type Mask, MaskStream } from "./mask.ts";
import { byteLength } from "./pack_content.ts";
import { sizeWords } from "./size_words.ts";

/** Some consecutive lines of one stream that came at one moment. Its JSON text fits an event. */
export interface LogBlock {
  readonly stream: LogStream;
  /** Number of the first line. */
  readonly line: number;
  readonly lines: number;
  /** Epoch milliseconds. */
  readonly time: number;
  /** The lines, joined by "\n". */
  readonly text: string;
}

/** A longer line is split. Counted as it travels: in UTF-8, a control character as 6 (`\u001b`). */
const MAX_LINE_BYTES = 8 * 1024;
/** No text of up to this many characters can be longer than a line may be. */
const SURELY_SHORT = MAX_LINE_BYTES / 6;
/** Most characters of several lines together: six bytes each still fit an event. */
const MAX_BLOCK = 7_000;

/** One stream's text since its last line end, and what it goes through before. */
interface Partial {
  readonly decoder: TextDecoder;
  readonly mask: MaskStream;
  text: string;
}

/** The lines of one attempt. Both streams share the numbering, in the order of arrival. */
export class LogLines {
  readonly #onBlock: (block: LogBlock) => void;
  readonly #maxBytes: number;
  readonly #mask: () => Mask;
  readonly #partials = new Map<LogStream, Partial>();
  #line = 0;
  #bytes = 0;
  #isCut = false;

  /**
   * @param options.maxBytes output beyond this is dropped, and a last line says so
   * @param options.mask what is blotted out, asked for with each piece of output
   */
  constructor(
    { maxBytes, mask }: { readonly maxBytes: number; readonly mask: () => Mask },
    onBlock: (block: LogBlock) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#mask = mask;
    this.#onBlock = onBlock;
  }

  /** Takes output as it comes; characters may be cut in half. */
  write(stream: LogStream, bytes: Uint8Array): void {
    if (this.#isCut) return;
    const left = this.#maxBytes - this.#bytes;
    this.#bytes += bytes.length;
    this.#decode(stream, bytes.length > left ? bytes.subarray(0, left) : bytes);
    if (bytes.length > left) this.#cut(stream);
  }

  /** Adds lines of the worker's own to the attempt's output. */
  say(stream: LogStream, text: string): void {
    if (!this.#isCut) this.#split(stream, this.#mask().apply(text));
  }

  /** The output has ended: what has no line end becomes a line. */
  end(): void {
    for (const [stream, partial] of this.#partials) {
      const last = partial.mask.write(partial.decoder.decode()) + partial.mask.end();
      const rest = partial.text + last;
      // What was held back may have line ends in it, at its end as well.
      if (rest !== "") this.#split(stream, rest.endsWith("\n") ? rest.slice(0, -1) : rest);
    }
    this.#partials.clear();
  }

  #begin(stream: LogStream): Partial {
    const partial: Partial = {
      decoder: new TextDecoder("utf-8", { ignoreBOM: true }),
      mask: new MaskStream(this.#mask),
      text: "",
    };
    this.#partials.set(stream, partial);
    return partial;
  }

  #decode(stream: LogStream, bytes: Uint8Array): void {
    const partial = this.#partials.get(stream) ?? this.#begin(stream);
    const text = partial.text + partial.mask.write(partial.decoder.decode(bytes, { stream: true }));
    const end = text.lastIndexOf("\n");
    if (end >= 0) this.#split(stream, text.slice(0, end));
    partial.text = text.slice(end + 1);
    // A stream without line ends must not pile up.
    while (partial.text.length > MAX_LINE_BYTES) {
      const length = lineLength(partial.text);
      this.#add(stream, partial.text.slice(0, length), 1);
      partial.text = partial.text.slice(length);
    }
  }

  /** Takes whole lines, without the last line end, and hands them on in blocks. */
  #split(stream: LogStream, lines: string): void {
    const text = withoutReturns(lines);
    let begin = 0;
    let count = 0;
    for (let start = 0; start <= text.length;) {
      const found = text.indexOf("\n", start);
      const end = found < 0 ? text.length : found;
      const isLong = end - start > SURELY_SHORT;
      if (count > 0 && (isLong || end - begin > MAX_BLOCK)) {
        this.#add(stream, text.slice(begin, start - 1), count);
        begin = start;
        count = 0;
      }
      if (isLong) {
        this.#addLong(stream, text.slice(start, end));
        begin = end + 1;
      } else count++;
      start = end + 1;
    }
    if (count > 0) this.#add(stream, text.slice(begin), count);
  }

  /** A line that may have to become several. */
  #addLong(stream: LogStream, line: string): void {
    let rest = line;
    for (let length = lineLength(rest); length < rest.length; length = lineLength(rest)) {
      this.#add(stream, rest.slice(0, length), 1);
      rest = rest.slice(length);
    }
    this.#add(stream, rest, 1);
  }

  #add(stream: LogStream, text: string, lines: number): void {
    const line = this.#line + 1;
    this.#line += lines;
    this.#onBlock({ stream, line, lines, time: Date.now(), text });
  }

  #cut(stream: LogStream): void {
    for (const { mask } of this.#partials.values()) mask.drop();
    this.end();
    this.#split(stream, `[output cut at ${sizeWords(this.#maxBytes)}]`);
    this.#isCut = true;
  }
}

/** Lines that ended with "\r\n", as if they had ended with "\n". */
function withoutReturns(lines: string): string {
  const text = lines.includes("\r\n") ? lines.replaceAll("\r\n", "\n") : lines;
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

/** How many characters of a text fit a line, never half of a surrogate pair. */
function lineLength(text: string): number {
  const whole = wholeCharacters(text, MAX_LINE_BYTES);
  // Two bytes for the quotes. Mostly this is all there is to it.
  if (byteLength(JSON.stringify(text.slice(0, whole))) <= MAX_LINE_BYTES + 2) return whole;
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += travelBytes(character);
    if (bytes > MAX_LINE_BYTES) return length;
    length += character.length;
  }
  return length;
}

/** At most so many code units of a text, one less where that would cut a pair. */
function wholeCharacters(text: string, most: number): number {
  if (text.length <= most) return text.length;
  const last = text.charCodeAt(most - 1);
  return last >= 0xd800 && last < 0xdc00 ? most - 1 : most;
}

function travelBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return 6;
  if (code < 0x80) return character === '"' || character === "\\" ? 2 : 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
