/** Which lines of a log are asked for, from the query of the request. */
import { CisError } from "../errors.ts";
import type { LogFilter } from "../scheduler/log_row.ts";
import { LOG_STREAMS, type LogStream } from "../schema/log_chunk.ts";
import { momentParam } from "./moment_param.ts";

/** Longest text to look for, in characters. */
const MAX_QUERY = 200;

/**
 * Reads `attempt stream since until q`.
 * @param now epoch milliseconds, where spans end
 * @throws {CisError} `invalid_request` naming the parameter
 */
export function logFilter(url: URL, now: number): LogFilter {
  const given = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  return {
    attempt: attemptOf(given("attempt")),
    stream: streamOf(given("stream")),
    since: momentParam(url, "since", now),
    until: momentParam(url, "until", now),
    q: queryOf(given("q")),
  };
}

function attemptOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CisError("invalid_request", `attempt is a whole number from 1, not "${text}"`);
}

function streamOf(text: string | undefined): LogStream | undefined {
  if (text === undefined) return undefined;
  const stream = LOG_STREAMS.find((name) => name === text);
  if (stream !== undefined) return stream;
  throw new CisError("invalid_request", `stream is ${LOG_STREAMS.join(" or ")}, not "${text}"`);
}

function queryOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= MAX_QUERY) return text;
  throw new CisError("invalid_request", `q has at most ${MAX_QUERY} characters`);
}
