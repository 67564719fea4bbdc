import { endpoint } from "../../../lib/api/endpoint.ts";
import { makeBackup } from "../../../lib/api/make_backup.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("admin", makeBackup, { audited: { action: "backup" } }),
});
