import { toolList } from "../../../lib/api/tools.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: () => Response.json(toolList()),
});
