import { HttpError } from "fresh";
import { define } from "../../lib/api/state.ts";

export const handler = define.handlers(() => {
  throw new HttpError(404);
});
