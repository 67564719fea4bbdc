import { problemResponse } from "../../lib/api/problem.ts";
import { define } from "../../lib/api/state.ts";

/** Programs get their errors as problem documents, never as a page. */
export default define.middleware(async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    return problemResponse(error, {
      requestId: ctx.state.requestId,
      onDefect: (defect) =>
        ctx.state.node.report(`request ${ctx.state.requestId}: ${describe(defect)}`),
    });
  }
});

function describe(defect: unknown): string {
  return defect instanceof Error ? defect.stack ?? defect.message : String(defect);
}
