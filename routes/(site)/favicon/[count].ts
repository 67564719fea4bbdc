import { HttpError } from "fresh";
import { define } from "../../../lib/api/state.ts";
import { faviconSvg } from "../../../lib/ui/favicon.ts";

/** The icon of a page at which so much waits. It tells nothing but the number that was asked for. */
export const handler = define.handlers({
  GET: (ctx) => {
    const { count = "" } = ctx.params;
    if (!/^\d{1,6}$/.test(count)) throw new HttpError(404);
    return new Response(faviconSvg(Number(count)), {
      headers: { "content-type": "image/svg+xml", "cache-control": "public, max-age=86400" },
    });
  },
});
