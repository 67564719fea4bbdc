import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { removeSecret } from "../../../../lib/api/remove_secret.ts";
import { setSecret } from "../../../../lib/api/set_secret.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  PUT: changeEndpoint({
    role: "admin",
    action: "secret.set",
    target: ({ param }) => param("name"),
    secretBody: true,
    prepare: setSecret,
  }),
  DELETE: changeEndpoint({
    role: "admin",
    action: "secret.remove",
    target: ({ param }) => param("name"),
    prepare: removeSecret,
  }),
});
