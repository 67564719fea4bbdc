import { define } from "../../../../../lib/api/state.ts";
import { workerAction } from "../../../../../lib/api/worker_action.ts";
import { requireWorkerRoom } from "../../../../../lib/api/worker_room.ts";

export const handler = define.handlers({
  POST: workerAction({
    action: "worker.restart",
    perform: async ({ node, param }) => {
      const id = param("id");
      const known = node.supervisor.list().find(({ workerId }) => workerId === id);
      if (known !== undefined) await requireWorkerRoom(node, known);
      return node.supervisor.restart(id);
    },
    message: (worker) => `${worker.workerId} is ${worker.status} and comes back.`,
  }),
});
