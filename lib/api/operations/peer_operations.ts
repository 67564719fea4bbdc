/** What nodes ask of each other. */
import { z } from "zod";
import { LogPage, RunView } from "../../schema/api.ts";
import { CancelReceivedBody, ExecuteAnswer, ExecuteBody } from "../../schema/handover.ts";
import { AFTER, LOG_PAGE, type Operation } from "../operation.ts";

export const PEER_OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/api/v1/dag/execute",
    id: "execute_dag",
    role: "node",
    summary: "Takes a run that another node hands over",
    body: ExecuteBody,
    answer: ExecuteAnswer,
    errors: ["invalid_spec", "dag_taken", "run_finished", "idempotency_conflict"],
  },
  {
    method: "GET",
    path: "/api/v1/received/{run_id}",
    id: "get_received",
    role: "node",
    summary: "A run that the asking node has handed over",
    answer: RunView,
    errors: ["run_not_found"],
  },
  {
    method: "GET",
    path: "/api/v1/received/{run_id}/events",
    id: "received_events",
    role: "node",
    summary: "What happens in it, from its beginning to its end",
    query: AFTER,
    answer: "text/event-stream",
    errors: ["run_not_found"],
  },
  {
    method: "GET",
    path: "/api/v1/received/{run_id}/logs",
    id: "get_received_logs",
    role: "node",
    summary: "What its tasks wrote",
    query: { task_id: z.string().describe("Only this task's"), ...LOG_PAGE },
    answer: LogPage,
    alsoAs: ["text/plain", "text/event-stream"],
    errors: ["run_not_found"],
  },
  {
    method: "POST",
    path: "/api/v1/received/{run_id}/cancel",
    id: "cancel_received",
    role: "node",
    summary: "Ends it; one that has not come yet won't be taken any more",
    body: CancelReceivedBody,
    answer: z.object({ success: z.literal(true), run_id: z.string() }),
    errors: ["run_not_found"],
  },
];
