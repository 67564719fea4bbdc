/** The data of the page of tokens. */
import type { Context } from "fresh";
import { dataOf } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import type { TokenPageData } from "./token_page.tsx";

/**
 * Loads the tokens that the visitor may see.
 * @throws {ProblemError} when the API refuses
 */
export async function loadTokens(
  { state, url }: Pick<Context<State>, "state" | "url">,
  outcome: Pick<TokenPageData, "fields" | "made" | "problem">,
): Promise<TokenPageData> {
  const cursor = url.searchParams.get("cursor") ?? undefined;
  return {
    ...outcome,
    list: dataOf(await state.api.tokens({ cursor })),
    ownId: state.principal?.tokenId,
    attempt: crypto.randomUUID(),
  };
}
