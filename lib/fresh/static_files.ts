import { BUILD_KEY } from "./asset.ts";
import { snapshotOf } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import type { Asset } from "./snapshot.ts";

/** Serves the project's static files and the bundles of its islands. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    const { req, url, config } = ctx;
    const snapshot = snapshotOf(ctx);
    const path = decodedPath(url.pathname, config.basePath);
    const asset = snapshot === null || path === null ? null : await snapshot.asset(path);
    if (snapshot === null || asset === null) {
      // Browsers ask for this one by themselves; an error page would be wasted on them.
      if (path === "/favicon.ico") return new Response(null, { status: 404 });
      return await ctx.next();
    }
    if (req.method !== "GET" && req.method !== "HEAD") {
      return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
    }
    const key = url.searchParams.get(BUILD_KEY);
    if (key !== null && key !== await snapshot.buildId()) {
      url.searchParams.delete(BUILD_KEY); // from an older page: it gets what is there now
      return new Response(null, { status: 307, headers: { location: url.pathname + url.search } });
    }
    const production = snapshot.mode === "production";
    return await send(asset, req, { forever: production && (asset.immutable || key !== null) });
  };
}

async function send(
  asset: Asset,
  req: Request,
  { forever }: { forever: boolean },
): Promise<Response> {
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": forever ? "public, max-age=31536000, immutable" : "no-cache",
    "etag": asset.etag,
    "vary": "If-None-Match",
  });
  if (isKnown(req.headers.get("if-none-match"), asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-length", String(asset.size));
  return new Response(req.method === "HEAD" ? null : await asset.body(), { headers });
}

/** Whether the client's copy is this one; weak and strong forms are the same here. */
function isKnown(header: string | null, etag: string): boolean {
  const bare = etag.replace(/^W\//, "");
  return header !== null && (header.trim() === "*" ||
    header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === bare));
}

/** The path inside the static folders, or null when it could leave them. */
function decodedPath(pathname: string, basePath: string): string | null {
  if (!pathname.startsWith(basePath)) return null;
  try {
    const path = decodeURIComponent(pathname.slice(basePath.length));
    const unsafe = path.includes("\0") || path.includes("\\") ||
      path.split("/").includes("..");
    return unsafe ? null : path;
  } catch {
    return null; // not UTF-8, so no file has this name
  }
}
