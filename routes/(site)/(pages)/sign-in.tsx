import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { openSession } from "../../../lib/api/open_session.ts";
import { readForm } from "../../../lib/api/read_form.ts";
import { define, type State } from "../../../lib/api/state.ts";
import { Notice } from "../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { safeNext } from "../../../lib/ui/safe_next.ts";

type Outcome = "asked" | "welcome" | "used_link" | "bad_token";

/** A link is answered with a page that leads on: a redirect would not carry the new cookie. */
async function useLink(ctx: Context<State>, ticket: string): ReturnType<typeof show> {
  const { node } = ctx.state;
  const tokenId = node.sessions.redeemLink(ticket);
  if (tokenId === undefined || node.tokens.principal(tokenId) === undefined) {
    return show(ctx, "used_link", { status: 410 });
  }
  const cookie = await openSession(node, { tokenId, how: "link" });
  return show(ctx, "welcome", { headers: { "set-cookie": cookie } });
}

// deno-lint-ignore explicit-function-return-type -- the page's data type follows from it
async function show(
  ctx: Context<State>,
  outcome: Outcome,
  init: { status?: number; headers?: HeadersInit } = {},
) {
  const next = safeNext(ctx.url.searchParams.get("next"));
  return await Promise.resolve(page({ outcome, next }, init));
}

export const handler = define.handlers({
  GET: (ctx) => {
    const ticket = ctx.url.searchParams.get("ticket");
    return ticket === null || ctx.req.method === "HEAD" ? show(ctx, "asked") : useLink(ctx, ticket);
  },
  POST: async (ctx) => {
    const { node } = ctx.state;
    const form = await readForm(ctx.req);
    const principal = node.tokens.verify((form.get("token") ?? "").trim());
    if (principal === undefined) return show(ctx, "bad_token", { status: 401 });
    const cookie = await openSession(node, { tokenId: principal.tokenId, how: "token" });
    const response = ctx.redirect(safeNext(ctx.url.searchParams.get("next")), 303);
    response.headers.set("set-cookie", cookie);
    return response;
  },
});

export default define.page<typeof handler>(({ data, state }) => {
  if (data.outcome === "welcome") return <Welcome next={data.next} />;
  const query = data.next === "/" ? "" : `?next=${encodeURIComponent(data.next)}`;
  return (
    <div class="narrow">
      <PageTitle title="Sign in" />
      {data.outcome === "used_link" && (
        <Notice kind="warning" title="This sign-in link no longer works">
          <p>
            A link works once and for 15 minutes. Get a new one on the node's machine with{" "}
            <code>deno task token link</code>.
          </p>
        </Notice>
      )}
      {data.outcome === "bad_token" && (
        <Notice kind="bad" title="This token does not sign in">
          <p>It is unknown here, expired or revoked. Paste the whole of it, or ask an admin.</p>
        </Notice>
      )}
      {state.principal !== undefined && (
        <p>
          You are signed in as {state.principal.name}. <a href={data.next}>Go on</a>
        </p>
      )}
      <form method="post" action={`/sign-in${query}`} class="stacked">
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          aria-describedby="token-help"
        />
        <p id="token-help" class="quiet">
          It looks like <code>did:cis:{state.node.config.node_id}:…</code>. The owner's is in{" "}
          <code>owner.token</code> in the node's data directory.
        </p>
        <button type="submit" class="button-good">Sign in</button>
      </form>
      <p class="quiet">
        On the node's machine, <code>deno task token link</code> prints a link that signs in.
      </p>
    </div>
  );
});

function Welcome({ next }: { next: string }): preact.JSX.Element {
  return (
    <div class="narrow">
      <Head>
        <meta http-equiv="refresh" content={`0; url=${next}`} />
      </Head>
      <PageTitle title="You are signed in" />
      <p>
        <a href={next}>Go on</a>
      </p>
    </div>
  );
}
