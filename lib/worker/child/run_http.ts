/**
 * Carries an `http` task out: one request, followed where it is sent on to, as long as that is an
 * http address that the task may reach. `fetch` knows files of this machine, too, and no answer may
 * name one.
 */
import { netCovers } from "../../schema/net_address.ts";
import type { TaskWork } from "../../schema/room_events.ts";
import { type Attempt, failure, type Outcome, TaskError } from "./attempt.ts";
import { type FilledRequest, fillSecrets } from "./fill_secrets.ts";
import { checkSize, MAX_OUTPUTS_BYTES } from "./outputs.ts";
import { byteLength } from "./pack_content.ts";

type HttpRequest = Extract<TaskWork, { type: "http" }>["request"];

const MAX_REDIRECTS = 10;
/** Not handed on to another host. */
const CREDENTIALS = ["authorization", "cookie", "proxy-authorization"];

/** Carries out the request. @throws {TaskError} when there is no answer or it is too large */
export async function runHttp(attempt: Attempt, request: HttpRequest): Promise<Outcome> {
  const { output, surroundings } = attempt;
  const started = performance.now();
  const response = await fetchFollowing(fillSecrets(attempt, request), attempt);
  const { text, isWhole } = await readBody(response, request.url);
  const took = Math.round(performance.now() - started);
  const answer = `${response.status} ${response.statusText}`.trim();
  output.say("stdout", `${request.method} ${request.url} → ${answer} (${took} ms)`);
  if (!isExpected(response.status, request.expect_status)) {
    // Of a body that was cut, later nobody would find the beginning of a secret at its end.
    const shown = isWhole ? text : surroundings.secrets.mask.applyToCut(text);
    if (shown !== "") output.say("stderr", shown);
    const expected = request.expect_status?.join(", ") ?? "200 to 299";
    return failure("http_status", `${request.url} answered ${answer}, expected ${expected}`);
  }
  if (!isWhole) {
    throw new TaskError(
      "output_too_large",
      `the answer of ${request.url} is longer than ${MAX_OUTPUTS_BYTES} bytes; ` +
        "fetch it in a shell or deno task that keeps it in a file",
    );
  }
  const headers = Object.fromEntries(response.headers);
  const outputs = { status: response.status, headers, body: bodyOf(text, response, request.url) };
  checkSize(byteLength(JSON.stringify(outputs)));
  return { exitCode: null, outputs, error: null };
}

async function fetchFollowing(
  filled: FilledRequest,
  { task, signal }: Attempt,
): Promise<Response> {
  const { request } = filled;
  let url = request.url;
  let init = firstInit(request, signal);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await fetchOnce(url, init);
    const location = redirectOf(response);
    if (location === null || request.expect_status?.includes(response.status)) return response;
    await response.body?.cancel();
    const next = nextAddress(location, url);
    requireGranted(next, task.permissions);
    init = redirected(init, {
      status: response.status,
      isElsewhere: next.origin !== new URL(url).origin,
      filled,
    });
    url = next.href;
  }
  throw new TaskError("http_error", `${request.url} redirects more than ${MAX_REDIRECTS} times`);
}

/** A redirect leads no further than the task was granted: it was shown to a person with its hosts. */
function requireGranted(url: URL, { net }: Attempt["task"]["permissions"]): void {
  const address = hostAndPort(url);
  if (net === true || net.some((entry) => netCovers(entry, address))) return;
  throw new TaskError(
    "permission_denied",
    `the redirect to ${address} leads out of what the task may reach; ` +
      "ask for it with `permissions.net`",
  );
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/** Where an answer sends on to; null for one that is the end. */
function redirectOf({ status, headers }: Response): string | null {
  return [301, 302, 303, 307, 308].includes(status) ? headers.get("location") : null;
}

function nextAddress(location: string, from: string): URL {
  const next = URL.parse(location, from);
  if (next === null) throw new TaskError("http_error", `${from} redirects to no valid address`);
  if (next.protocol === "http:" || next.protocol === "https:") return next;
  throw new TaskError(
    "http_error",
    `${from} redirects to ${next.protocol}…, which is no http address`,
  );
}

function firstInit(request: HttpRequest, signal: AbortSignal): RequestInit & { headers: Headers } {
  try {
    const init = { method: request.method, ...bodyAndHeaders(request) };
    return { ...init, redirect: "manual", signal };
  } catch (cause) {
    throw new TaskError("http_error", `${request.url} could not be asked: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function bodyAndHeaders({ body, headers }: HttpRequest): { body?: string; headers: Headers } {
  const given = new Headers(headers);
  if (body === undefined) return { headers: given };
  if (typeof body === "string") return { body, headers: given };
  if (!given.has("content-type")) given.set("content-type", "application/json");
  return { body: JSON.stringify(body), headers: given };
}

async function fetchOnce(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new TaskError(
        "permission_denied",
        `this worker may not reach ${new URL(url).host}; grant net access to it in its policy`,
        { cause },
      );
    }
    throw new TaskError("http_error", `${url} could not be asked: ${reasonOf(cause)}`, { cause });
  }
}

/** What went wrong; `fetch` itself only says that it failed, and keeps the reason as the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

/** As browsers do: 303 and a POST's 301 and 302 go on as GET, credentials stay with their origin. */
function redirected(
  init: RequestInit & { headers: Headers },
  { status, isElsewhere, filled }: {
    readonly status: number;
    readonly isElsewhere: boolean;
    readonly filled: FilledRequest;
  },
): RequestInit & { headers: Headers } {
  const headers = new Headers(init.headers);
  if (isElsewhere) {
    for (const name of [...CREDENTIALS, ...filled.secretHeaders]) headers.delete(name);
  }
  const becomesGet = status === 303
    ? init.method !== "HEAD"
    : status < 303 && init.method === "POST";
  if (!becomesGet) {
    if (isElsewhere && filled.isBodySecret) throw secretBody(filled.request.url);
    return { ...init, headers };
  }
  for (const name of [...headers.keys()]) if (name.startsWith("content-")) headers.delete(name);
  const { body: _body, ...rest } = init;
  return { ...rest, method: "GET", headers };
}

function secretBody(url: string): TaskError {
  return new TaskError(
    "permission_denied",
    `${url} redirects to another host, which would get the secret in the body; ask that host itself`,
  );
}

/** The body as text, read no further than outputs may be long. */
async function readBody(
  response: Response,
  url: string,
): Promise<{ text: string; isWhole: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUTS_BYTES) return { text, isWhole: false };
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new TaskError("http_error", `the answer of ${url} broke off: ${reason}`, { cause });
  }
  return { text: text + decoder.decode(), isWhole: true };
}

function isExpected(status: number, expected: readonly number[] | undefined): boolean {
  return expected?.includes(status) ?? (status >= 200 && status <= 299);
}

type Json = Outcome["outputs"];

function bodyOf(text: string, response: Response, url: string): Json {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (text === "" || !(type === "application/json" || type.endsWith("+json"))) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new TaskError("bad_output", `${url} says its answer is JSON, but it isn't`);
  }
}
