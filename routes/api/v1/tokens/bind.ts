import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { bindToken } from "../../../../lib/api/create_token.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: changeEndpoint({
    role: "admin",
    action: "token.bind",
    status: 201,
    prepare: bindToken,
  }),
});
