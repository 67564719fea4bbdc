import { z } from "zod";
import { customIssue, patternString } from "./checked.ts";
import { quote } from "./quote.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const Method = z.string()
  .transform((value) => value.toUpperCase())
  .pipe(z.enum(METHODS))
  .meta({ enum: [...METHODS] });

/** Why a text cannot be requested, or undefined when it can. */
function whyNotUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return "is not an absolute URL";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "is not an http or https URL";
  if (url.username !== "" || url.password !== "") return "has credentials; send them in a header";
  return undefined;
}

const HttpUrl = z.string().superRefine((text, context) => {
  const reason = whyNotUrl(text);
  // The address is not quoted in full: it may hold a password.
  if (reason !== undefined) context.issues.push(customIssue(text, "bad_url", `the url ${reason}`));
}).meta({ format: "uri" });

const HeaderName = patternString(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, {
  code: "bad_header",
  describe: (value) => `${quote(value)} is not the name of an HTTP header`,
});

const HeaderValue = patternString(/^[^\r\n]*$/, {
  code: "bad_header",
  describe: () => "the value of an HTTP header has no line breaks",
});

/** Header names have no case, so they come out in lower case and may occur only once. */
const Headers = z.record(HeaderName, HeaderValue).transform((headers, context) => {
  const lowered: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (Object.hasOwn(lowered, key)) {
      const issue = customIssue(value, "duplicate_value", `the header ${key} is given twice`);
      context.issues.push({ ...issue, path: [name] });
    }
    lowered[key] = value;
  }
  return lowered;
}).pipe(z.record(z.string(), z.string()));

const StatusCode = z.int().min(100).max(599);

/** One status or several; comes out as a sorted list. */
const ExpectStatus = z.union([StatusCode, z.array(StatusCode).min(1)], {
  error: "expect_status is a status such as 200 or a list of them, each from 100 to 599",
}).transform((value) => [...new Set([value].flat())].sort((a, b) => a - b))
  .pipe(z.array(z.int()));

const BODILESS_METHODS: readonly string[] = ["GET", "HEAD"];

/** The request of an http task. Without `expect_status`, any 2xx answer is a success. */
export const HttpRequest = z.strictObject({
  method: Method.default("GET"),
  url: HttpUrl,
  headers: Headers.default({}),
  /** A string is sent as it is, anything else as JSON. */
  body: z.unknown().optional(),
  expect_status: ExpectStatus.optional(),
}).refine((request) => request.body === undefined || !BODILESS_METHODS.includes(request.method), {
  error: (issue) => `a ${(issue.input as { method: string }).method} request has no body`,
  path: ["body"],
  params: { code: "bad_value" },
});
export type HttpRequest = z.infer<typeof HttpRequest>;
