import type { Middleware } from "./middleware.ts";

export interface CSPOptions {
  /** Report violations instead of blocking them. */
  reportOnly?: boolean;
  /** Address that violations are reported to. */
  reportTo?: string;
  /** Directives to add; one that is already there is replaced. */
  csp?: string[];
  /** Allow inline scripts and styles by a nonce per response instead of `'unsafe-inline'`. */
  useNonce?: boolean;
}

const DEFAULTS = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "upgrade-insecure-requests",
];
const TAKES_NONCE =
  /^(?:script-src|style-src|script-src-elem|style-src-elem|style-src-attr|default-src) /;

/** The nonce of each rendered response; a header would show it to everyone on the way. */
const nonces = new WeakMap<Response, string>();

/** Notes the nonce that `response` was rendered with. */
export function rememberNonce(response: Response, nonce: string): void {
  nonces.set(response, nonce);
}

/** Sets a Content-Security-Policy on every response. */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const directives = mergeDirectives(options);
  const header = options.reportOnly
    ? "content-security-policy-report-only"
    : "content-security-policy";
  return async (ctx) => {
    const response = await ctx.next();
    if (response.status === 101) return response; // a WebSocket: its headers can't be changed
    const nonce = options.useNonce ? nonces.get(response) : undefined;
    response.headers.set(
      header,
      directives.map((d) => withNonce(d, nonce)).join("; "),
    );
    if (options.reportTo) {
      response.headers.set("reporting-endpoints", `csp-endpoint="${options.reportTo}"`);
    }
    return response;
  };
}

function mergeDirectives({ csp = [], reportTo }: CSPOptions): string[] {
  const own = new Set(csp.map(nameOf));
  const report = reportTo ? ["report-to csp-endpoint", `report-uri ${reportTo}`] : [];
  return [...DEFAULTS.filter((directive) => !own.has(nameOf(directive))), ...csp, ...report];
}

function nameOf(directive: string): string | undefined {
  return directive.split(" ")[0];
}

function withNonce(directive: string, nonce: string | undefined): string {
  if (nonce === undefined || !TAKES_NONCE.test(directive)) return directive;
  return directive.replaceAll("'unsafe-inline'", `'nonce-${nonce}'`);
}
