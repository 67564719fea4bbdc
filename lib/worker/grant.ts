/** Grants as Deno's flags know them. Apart from the policy, since workers load it without zod. */

/** What is granted of one kind: a list, or true for all there is. */
export type Grant = true | readonly string[];

/** Grants by kind. What is left out is not granted. */
export interface GrantLists {
  /** `host` or `host:port`. */
  readonly net?: Grant;
  /** Absolute paths. */
  readonly read?: Grant;
  readonly write?: Grant;
  /** Names of environment variables. */
  readonly env?: Grant;
  /** Programs. */
  readonly run?: Grant;
  readonly sys?: Grant;
  readonly ffi?: Grant;
  /** Hosts that code may be imported from. */
  readonly import?: Grant;
}
