/** A line that is typed in a terminal's raw mode, where nothing is shown and nothing edited for us. */

const ENTER = [0x0a, 0x0d];
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const ERASE = [0x08, 0x7f];
const CTRL_U = 0x15;

export class HiddenLine {
  #bytes: number[] = [];
  #state: "open" | "done" | "given up" = "open";

  /** "done" after Enter, "given up" after Ctrl-C, or Ctrl-D on an empty line. */
  get state(): "open" | "done" | "given up" {
    return this.#state;
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#bytes));
  }

  /** Takes what came from the keyboard. */
  take(bytes: Uint8Array): void {
    for (const byte of bytes) if (this.#state === "open") this.#key(byte);
  }

  #key(byte: number): void {
    if (ENTER.includes(byte)) this.#state = "done";
    else if (byte === CTRL_C) this.#state = "given up";
    else if (byte === CTRL_D) this.#state = this.#bytes.length === 0 ? "given up" : "done";
    else if (ERASE.includes(byte)) this.#erase();
    else if (byte === CTRL_U) this.#bytes = [];
    else this.#bytes.push(byte);
  }

  /** One character, which may be several bytes of UTF-8. */
  #erase(): void {
    while (((this.#bytes.at(-1) ?? 0) & 0xc0) === 0x80) this.#bytes.pop();
    this.#bytes.pop();
  }
}
