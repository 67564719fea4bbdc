/** Times in documents: ISO 8601 UTC strings. */
import { z } from "zod";

export const Time = z.string();
/** `null` means "not yet" or "none". */
export const MaybeTime = Time.nullable();
