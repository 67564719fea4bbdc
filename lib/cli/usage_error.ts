/** A command that was called in a way it can't be: exit code 2, with a hint. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /**
   * @param message what is wrong with the call
   * @param hint how to call it instead
   */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}
