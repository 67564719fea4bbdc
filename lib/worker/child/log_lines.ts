/** From the bytes of an attempt's output to its numbered lines, secrets masked. */
import type { LogLine } from "../../schema/room_events.ts";
import { type Mask, MaskStream } from "./mask.ts";

type Stream = LogLine["stream"];

/** A longer line is split. Counted as it travels: in UTF-8, a control character as 6 (`\u001b`). */
const MAX_LINE_BYTES = 8 * 1024;
/** No text of up to this many characters can be longer than a line may be. */
const SURELY_SHORT = MAX_LINE_BYTES / 6;

/** One stream's text since its last line end, and what it goes through before. */
interface Partial {
  readonly decoder: TextDecoder;
  readonly mask: MaskStream;
  text: string;
}

/** The lines of one attempt. Both streams share the numbering, in the order of arrival. */
export class LogLines {
  readonly #onLine: (line: LogLine) => void;
  readonly #maxBytes: number;
  readonly #mask: () => Mask;
  readonly #partials = new Map<Stream, Partial>();
  #line = 0;
  #bytes = 0;
  #isCut = false;

  /**
   * @param options.maxBytes output beyond this is dropped, and a last line says so
   * @param options.mask what is blotted out, asked for with each piece of output
   */
  constructor(
    { maxBytes, mask }: { readonly maxBytes: number; readonly mask: () => Mask },
    onLine: (line: LogLine) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#mask = mask;
    this.#onLine = onLine;
  }

  /** Takes output as it comes; characters may be cut in half. */
  write(stream: Stream, bytes: Uint8Array): void {
    if (this.#isCut) return;
    const left = this.#maxBytes - this.#bytes;
    this.#bytes += bytes.length;
    this.#decode(stream, bytes.length > left ? bytes.subarray(0, left) : bytes);
    if (bytes.length > left) this.#cut(stream);
  }

  /** Adds lines of the worker's own to the attempt's output. */
  say(stream: Stream, text: string): void {
    if (this.#isCut) return;
    for (const line of this.#mask().apply(text).split("\n")) this.#emit(stream, line);
  }

  /** The output has ended: what has no line end becomes a line. */
  end(): void {
    for (const [stream, partial] of this.#partials) {
      const text = partial.mask.write(partial.decoder.decode()) + partial.mask.end();
      this.#take(stream, partial, text);
      if (partial.text !== "") this.#emit(stream, partial.text);
    }
    this.#partials.clear();
  }

  #decode(stream: Stream, bytes: Uint8Array): void {
    const partial = this.#partials.get(stream) ?? {
      decoder: new TextDecoder(),
      mask: new MaskStream(this.#mask),
      text: "",
    };
    this.#partials.set(stream, partial);
    this.#take(
      stream,
      partial,
      partial.mask.write(partial.decoder.decode(bytes, { stream: true })),
    );
  }

  #take(stream: Stream, partial: Partial, more: string): void {
    const text = partial.text + more;
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#emit(stream, text.slice(start, end));
      start = end + 1;
    }
    partial.text = text.slice(start);
    // A stream without line ends must not pile up.
    while (partial.text.length > MAX_LINE_BYTES) {
      const length = lineLength(partial.text);
      this.#add(stream, partial.text.slice(0, length));
      partial.text = partial.text.slice(length);
    }
  }

  #emit(stream: Stream, text: string): void {
    let rest = text.endsWith("\r") ? text.slice(0, -1) : text;
    while (rest.length > SURELY_SHORT) {
      const length = lineLength(rest);
      if (length === rest.length) break;
      this.#add(stream, rest.slice(0, length));
      rest = rest.slice(length);
    }
    this.#add(stream, rest);
  }

  #add(stream: Stream, text: string): void {
    this.#onLine({ line: ++this.#line, time: Date.now(), stream, text });
  }

  #cut(stream: Stream): void {
    for (const { mask } of this.#partials.values()) mask.drop();
    this.end();
    this.#emit(stream, `[output cut at ${sizeWords(this.#maxBytes)}]`);
    this.#isCut = true;
  }
}

/** How many characters of a text fit a line, never half of a surrogate pair. */
function lineLength(text: string): number {
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += travelBytes(character);
    if (bytes > MAX_LINE_BYTES) return length;
    length += character.length;
  }
  return length;
}

function travelBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return 6;
  if (code < 0x80) return character === '"' || character === "\\" ? 2 : 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function sizeWords(bytes: number): string {
  const units: [number, string][] = [[1024 ** 3, "GiB"], [1024 ** 2, "MiB"], [1024, "KiB"]];
  const [size, unit] = units.find(([size]) => bytes >= size && bytes % size === 0) ?? [1, "bytes"];
  return `${bytes / size} ${unit}`;
}
