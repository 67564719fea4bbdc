import { HttpError } from "fresh";
import { define } from "../../../lib/api/state.ts";

/** Every address that is nobody else's, so that its error page has this folder's headers. */
export const handler = define.handlers(() => {
  throw new HttpError(404);
});
