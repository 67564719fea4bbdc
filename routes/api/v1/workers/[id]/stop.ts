import { define } from "../../../../../lib/api/state.ts";
import { workerAction } from "../../../../../lib/api/worker_action.ts";

export const handler = define.handlers({
  POST: workerAction({
    action: "worker.stop",
    perform: ({ node, param }) => node.supervisor.stop(param("id")),
    message: (worker) =>
      `${worker.workerId} is ${worker.status}; what it does now may finish first.`,
  }),
});
