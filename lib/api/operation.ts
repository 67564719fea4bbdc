/** What an endpoint takes and gives, as data: for the OpenAPI document, the tools and the tests. */
import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import type { Role } from "../schema/roles.ts";

/** How a body may be written, other than as a schema says. */
export type BodySchema = z.ZodType | "DagDocument" | "IssueBody";

/** Parameters of a query, each with its JSON shape. */
export type Query = Readonly<Record<string, z.ZodType>>;

/** One endpoint. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With parameters in braces. */
  readonly path: string;
  /** Name in OpenAPI, and of the tool where it is one. */
  readonly id: string;
  /** What the caller has to be; null: anybody. */
  readonly role: Role | null;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: BodySchema;
  /** Nothing of the body is kept, so an `Idempotency-Key` is ignored: repeat it as it is. */
  readonly secretBody?: true;
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** The JSON answer, or the media type of one that isn't JSON. */
  readonly answer: z.ZodType | "text/plain" | "text/event-stream";
  /** Other forms of the answer, by `Accept`. */
  readonly alsoAs?: readonly string[];
  /** Codes beside those that any request may get. */
  readonly errors?: readonly ErrorCode[];
  /** Told to a language model that may call it; absent: not for one. */
  readonly tool?: string;
}

/** Parameters of every paged list. */
export const PAGE: Query = {
  limit: z.int().min(1).max(500).describe("Entries of a page; usually 50"),
  cursor: z.string().describe("next_cursor of the page before"),
};

/** Which lines of a log. */
export const LOG_FILTER: Query = {
  attempt: z.int().min(1).describe("Number of the attempt"),
  stream: z.enum(["stdout", "stderr"]),
  since: z.string().describe("A time, or a span such as 24h"),
  until: z.string().describe("A time, or a span such as 24h"),
  q: z.string().max(200).describe("Text in the line, whatever its case"),
};

/** Parameters of logs. */
export const LOG_PAGE: Query = {
  ...LOG_FILTER,
  limit: z.int().min(1).max(5000).describe("Lines of a page; usually 1,000"),
  cursor: z.string().describe("next_cursor of the page before"),
  after: z.int().min(0).describe("In a stream: go on behind this number, as Last-Event-ID does"),
};

/** Where a stream of events goes on. */
export const AFTER: Query = {
  after: z.int().min(0).describe("Go on behind this number, as Last-Event-ID does"),
};
