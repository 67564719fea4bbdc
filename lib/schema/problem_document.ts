/** Errors as the API answers them. */
import { z } from "zod";

/** RFC 9457 problem document; `code` is stable, `title` may change its wording. */
export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
}).catchall(z.json());
export type ProblemDocument = z.infer<typeof ProblemDocument>;
