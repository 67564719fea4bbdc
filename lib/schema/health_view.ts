/** What a node says about itself to anybody. */
import { z } from "zod";

export const Health = z.object({
  status: z.literal("ok"),
  service: z.literal("glm-api"),
  version: z.string(),
  node_id: z.string(),
});
export type Health = z.infer<typeof Health>;
