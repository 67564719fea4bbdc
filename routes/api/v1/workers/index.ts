import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { startWorker } from "../../../../lib/api/start_worker.ts";
import { define } from "../../../../lib/api/state.ts";
import { workerView } from "../../../../lib/api/worker_view.ts";
import { maySee } from "../../../../lib/auth/principal.ts";
import { scopeKey } from "../../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node, principal }) => {
    const workers = node.supervisor.list()
      .filter((worker) => maySee(principal, scopeKey(worker.scope)))
      .map(workerView);
    return { count: workers.length, next_cursor: null, workers };
  }),
  POST: changeEndpoint({
    role: "admin",
    action: "worker.start",
    secretAnswer: true,
    prepare: startWorker,
  }),
});
