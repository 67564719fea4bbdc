/** A store of output, and chunks to put into it. */
import { Database } from "../../lib/db/database.ts";
import { LogStore } from "../../lib/scheduler/log_store.ts";
import type { LogChunk, LogStream } from "../../lib/schema/log_chunk.ts";

/** What differs from a chunk of stdout of the attempt that most tests are about. */
export interface ChunkParts {
  readonly run?: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly first?: number;
  readonly stream?: LogStream;
  readonly time?: number;
}

export const WORKER = "worker-global";

/** A chunk of lines. */
export function chunkOf(lines: readonly string[], parts: ChunkParts = {}): LogChunk {
  return {
    run_id: parts.run ?? "run-1",
    task_id: parts.task ?? "task",
    attempt: parts.attempt ?? 1,
    lease: "lease",
    first_line: parts.first ?? 1,
    time: parts.time ?? 1_000,
    runs: [[parts.stream === "stderr" ? 1 : 0, lines.length, 0]],
    text: lines.join("\n"),
  };
}

export class LogFixture implements Disposable {
  /** Epoch milliseconds of the store. */
  now = 1_000_000;
  readonly db: Database;
  readonly logs: LogStore;

  constructor(path = ":memory:") {
    this.db = new Database(path, { now: () => this.now });
    this.logs = new LogStore(this.db);
  }

  /** Keeps chunks, in one transaction. */
  keep(...chunks: readonly LogChunk[]): Promise<void> {
    return this.db.write((tx) => {
      for (const chunk of chunks) this.logs.append(tx, WORKER, chunk);
    });
  }

  /** Texts of a run's lines. */
  texts(runId = "run-1"): string[] {
    return this.logs.read({ runId }, { after: 0, limit: 1_000_000 }).map(({ text }) => text);
  }

  [Symbol.dispose](): void {
    this.db.close();
  }
}
