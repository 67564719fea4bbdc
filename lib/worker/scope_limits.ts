/** What the tasks of a scope may use, in numbers. Pure. */
import type { Policy } from "../schema/policy.ts";
import { sizeBytes } from "../schema/size.ts";

/** Limits of a scope: of its tasks together, but for `pids`, which holds for each of them. */
export interface ScopeLimits {
  /** Bytes. */
  readonly memory: number;
  /** Cores; null: no limit. */
  readonly cpu: number | null;
  readonly pids: number;
  /** Bytes. */
  readonly disk: number;
}

/** The limits of a policy. */
export function scopeLimits({ memory, cpu, pids, disk }: Policy): ScopeLimits {
  return { memory: sizeBytes(memory), cpu, pids, disk: sizeBytes(disk) };
}
