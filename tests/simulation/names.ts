/** Short names for ids that are random, in the order in which they turn up: traces can be compared. */
export class Names {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The name of an id such as "dag-run-…": "run 1". */
  of(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const kind = /^dag-(run)-|^(decision|debt)-/.exec(id);
    const word = kind?.[1] ?? kind?.[2] ?? "worker";
    const count = (this.#counts.get(word) ?? 0) + 1;
    this.#counts.set(word, count);
    const name = `${word} ${count}`;
    this.#names.set(id, name);
    return name;
  }

  /** A text with all ids that have a name replaced. */
  in(text: string): string {
    return text.replace(/(dag-run|decision|debt)-[0-9a-f-]{36}/g, (id) => this.of(id));
  }
}
