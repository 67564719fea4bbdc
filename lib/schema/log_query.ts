/** Which lines of a log to ask for; what is absent is not asked. */
export interface LogQuery {
  readonly attempt?: number;
  readonly stream?: "stdout" | "stderr";
  /** A time, or a span such as "2h" that ends now. */
  readonly since?: string;
  readonly until?: string;
  /** Part of the text; upper and lower case are the same. */
  readonly q?: string;
}

/** What to search for, and where. */
export interface LogSearchQuery extends LogQuery {
  readonly run?: string;
  readonly task?: string;
  readonly worker?: string;
}

/** The query in options that hold more than it. */
export function logQueryIn({ attempt, stream, since, until, q }: LogQuery): LogQuery {
  return { attempt, stream, since, until, q };
}
