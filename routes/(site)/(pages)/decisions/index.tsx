import { page } from "fresh";
import { define } from "../../../../lib/api/state.ts";
import { DecisionList } from "./(_components)/decision_list.tsx";
import { loadDecisions } from "./(_components)/load_decisions.ts";

export const handler = define.handlers({
  GET: async (ctx) => page(await loadDecisions(ctx.state)),
});

export default define.page<typeof handler>(({ data }) => <DecisionList {...data} />);
