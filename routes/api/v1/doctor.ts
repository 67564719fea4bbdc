import { doctor } from "../../../lib/api/doctor.ts";
import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("admin", ({ node }) => doctor(node)),
});
