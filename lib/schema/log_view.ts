/** Lines of output as the API shows them. */
import { z } from "zod";
import { Time } from "./time_field.ts";

export const LogLineView = z.object({
  seq: z.int(),
  time: Time,
  task_id: z.string(),
  attempt: z.int(),
  stream: z.enum(["stdout", "stderr"]),
  text: z.string(),
});
export type LogLineView = z.infer<typeof LogLineView>;

export const LogPage = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  lines: z.array(LogLineView),
});
export type LogPage = z.infer<typeof LogPage>;
