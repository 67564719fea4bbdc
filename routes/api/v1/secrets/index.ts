import { endpoint } from "../../../../lib/api/endpoint.ts";
import { listSecrets } from "../../../../lib/api/list_secrets.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("admin", listSecrets),
});
