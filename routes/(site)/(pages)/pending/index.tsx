import { page } from "fresh";
import { define } from "../../../../lib/api/state.ts";
import { loadPending } from "./(_components)/load_pending.ts";
import { PendingList } from "./(_components)/pending_list.tsx";

export const handler = define.handlers({
  GET: async (ctx) => page(await loadPending(ctx.state)),
});

export default define.page<typeof handler>(({ data }) => <PendingList {...data} />);
