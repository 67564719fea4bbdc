/** Signs in as a browser does. */
import { dataOf } from "../../lib/api/client.ts";
import type { NodeProcess } from "../helpers/node_process.ts";

/** The cookie of a new session of the owner's. */
export async function sessionCookie({ client }: NodeProcess): Promise<string> {
  const { url } = dataOf(await client.signInLink());
  const answer = await fetch(url, { redirect: "manual" });
  await answer.body?.cancel();
  let cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) {
    // The link opens a page whose button signs in.
    const ticket = new URL(url).searchParams.get("ticket") ?? "";
    const origin = new URL(url).origin;
    const posted = await fetch(`${origin}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { origin },
      body: new URLSearchParams({ ticket }),
    });
    await posted.body?.cancel();
    cookie = posted.headers.get("set-cookie")?.split(";")[0];
  }
  return cookie ?? "";
}
