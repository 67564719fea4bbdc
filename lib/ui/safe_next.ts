/** Where to go after signing in: a path of this site, or its beginning for everything else. */
export function safeNext(text: string | null): string {
  const here = "http://here.invalid";
  if (text === null || !text.startsWith("/") || !URL.canParse(text, here)) return "/";
  const url = new URL(text, here);
  // "//host" and "/\host" are other sites to a browser, and to the parser as well.
  if (url.origin !== here || url.pathname.startsWith("//")) return "/";
  return url.pathname === "/sign-in" ? "/" : url.pathname + url.search + url.hash;
}
