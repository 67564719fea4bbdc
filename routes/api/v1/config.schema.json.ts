import { define } from "../../../lib/api/state.ts";
import { configJsonSchema } from "../../../lib/config_schema.ts";

export const handler = define.handlers({
  GET: () => Response.json(configJsonSchema()),
});
