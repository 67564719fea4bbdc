/**
 * The session cookie is `SameSite=Strict`, so a browser doesn't send it with a click on a link in
 * another site, such as a chat. A page that leads to itself turns the visit into one of this site.
 * @module
 */

/** Whether a visit was begun by another site, as far as the browser says. */
export function comesFromElsewhere(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  return (site === "cross-site" || site === "same-site") &&
    request.headers.get("sec-fetch-mode") === "navigate";
}

/** A tiny page that leads on to where the visit was meant to go. */
export function bouncePage(url: URL): Response {
  const target = escapeAttribute(url.pathname.replace(/^\/{2,}/, "/") + url.search);
  const html = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>CIS</title>` +
    `<meta http-equiv="refresh" content="0; url=${target}"><a href="${target}">Continue</a></html>`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
