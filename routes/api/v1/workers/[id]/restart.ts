import { define } from "../../../../../lib/api/state.ts";
import { workerAction } from "../../../../../lib/api/worker_action.ts";

export const handler = define.handlers({
  POST: workerAction({
    action: "worker.restart",
    perform: ({ node, principal, param }) =>
      node.supervisor.restart(param("id"), `restarted by ${principal.name}`),
    message: (worker) => `${worker.workerId} is ${worker.status} and comes back.`,
  }),
});
