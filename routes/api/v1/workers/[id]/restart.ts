import { define } from "../../../../../lib/api/state.ts";
import { workerAction } from "../../../../../lib/api/worker_action.ts";

export const handler = define.handlers({
  POST: workerAction({
    action: "worker.restart",
    perform: ({ node, param }) => node.supervisor.restart(param("id")),
    message: (worker) => `${worker.workerId} is ${worker.status} and comes back.`,
  }),
});
