/** What the event streams carry. */
import { z } from "zod";
import { Time } from "./time_field.ts";

/** One entry of the event streams; `seq` is the SSE id, `type` the SSE event. */
export const EventView = z.object({
  seq: z.int(),
  time: Time,
  type: z.string(),
  dag_id: z.string().nullable(),
  run_id: z.string().nullable(),
  task_id: z.string().nullable(),
  worker_id: z.string().nullable(),
  data: z.record(z.string(), z.json()),
});
export type EventView = z.infer<typeof EventView>;
