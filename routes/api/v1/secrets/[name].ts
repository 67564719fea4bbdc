import { endpoint } from "../../../../lib/api/endpoint.ts";
import { removeSecret } from "../../../../lib/api/remove_secret.ts";
import { setSecret } from "../../../../lib/api/set_secret.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  PUT: endpoint("admin", setSecret, { secretBody: true }),
  DELETE: endpoint("admin", removeSecret),
});
