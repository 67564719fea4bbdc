import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { openSession } from "../../../lib/api/open_session.ts";
import { readForm } from "../../../lib/api/read_form.ts";
import { define, type State } from "../../../lib/api/state.ts";
import { Notice } from "../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { safeNext } from "../../../lib/ui/safe_next.ts";
import { useWords } from "../../../lib/ui/words/words.ts";

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
  const { signIn: words } = useWords();
  if (data.outcome === "welcome") return <Welcome next={data.next} />;
  const query = data.next === "/" ? "" : `?next=${encodeURIComponent(data.next)}`;
  return (
    <div class="narrow">
      <PageTitle title={words.title} />
      {data.outcome === "used_link" && (
        <Notice kind="warning" title={words.badLink}>
          <p>
            {words.badLinkHint} <code>deno task token link</code>.
          </p>
        </Notice>
      )}
      {data.outcome === "bad_token" && (
        <Notice kind="bad" title={words.badToken}>
          <p>{words.badTokenHint}</p>
        </Notice>
      )}
      {state.principal !== undefined && (
        <p>
          {words.signedInAs(state.principal.name)} <a href={data.next}>{words.goOn}</a>
        </p>
      )}
      <form method="post" action={`/sign-in${query}`} class="stacked">
        <label for="token">{words.token}</label>
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
          {words.looksLike} <code>did:cis:{state.node.config.node_id}:…</code> {words.ownerIn}{" "}
          <code>owner.token</code>
        </p>
        <button type="submit" class="button-good">{words.title}</button>
      </form>
      <p class="quiet">
        {words.link} <code>deno task token link</code>
      </p>
    </div>
  );
});

function Welcome({ next }: { next: string }): preact.JSX.Element {
  const { signIn: words } = useWords();
  return (
    <div class="narrow">
      <Head>
        <meta http-equiv="refresh" content={`0; url=${next}`} />
      </Head>
      <PageTitle title={words.welcome} />
      <p>
        <a href={next}>{words.goOn}</a>
      </p>
    </div>
  );
}
