import { define } from "../../../../lib/api/state.ts";
import { checkDraft } from "./(_components)/check_draft.ts";
import { readDraft } from "./(_components)/draft_text.ts";

/** Says what is right or wrong with a document while it is written. */
export const handler = define.handlers({
  POST: async (ctx) => {
    const { text } = await readDraft(ctx);
    return ctx.json(await checkDraft(ctx.state, text));
  },
});
