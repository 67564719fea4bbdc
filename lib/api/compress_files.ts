/** Sends scripts and styles compressed: a page over a telephone's network waits for them. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { define } from "./state.ts";

const compress = promisify(gzip);
/** Compressed forms by path; there are only so many files. */
const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/**
 * Compresses files that never change under their address, each once. Pages and streams are left as
 * they are: what they hold is as secret as what it is about, and its length would tell of it.
 */
export const compressFiles = define.middleware(async (ctx) => {
  const response = await ctx.next();
  if (!isFile(response) || ctx.req.method !== "GET" || !takesGzip(ctx.req)) return response;
  const path = ctx.url.pathname;
  const before = kept.get(path);
  const body = before ?? response.arrayBuffer().then((bytes) => compress(new Uint8Array(bytes)))
    .then((bytes) => new Uint8Array(bytes));
  if (before === undefined) kept.set(path, body);
  else await response.body?.cancel();
  const bytes = await body;
  const headers = new Headers(response.headers);
  headers.set("content-encoding", "gzip");
  headers.set("content-length", String(bytes.length));
  headers.append("vary", "Accept-Encoding");
  return new Response(bytes, { headers });
});

/** Whether an answer is a text file whose address changes with its content. */
function isFile({ status, headers }: Response): boolean {
  return status === 200 && headers.get("cache-control")?.includes("immutable") === true &&
    /^(text\/(css|javascript)|image\/svg)/.test(headers.get("content-type") ?? "");
}

function takesGzip({ headers }: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(headers.get("accept-encoding") ?? "");
}
