/** Workers whose rooms are on a homeserver start when their room is made, and wait for it before. */
import type { NodeTransport } from "./matrix/node_transport.ts";
import { type Scope, scopeKey } from "./schema/scope.ts";
import type { ReadyWorker, WorkerPool } from "./scheduler/worker_pool.ts";

/** What the workers of a node take. */
export interface HomeserverWorkersParts {
  readonly pool: WorkerPool;
  readonly transport: NodeTransport;
}

export class HomeserverWorkers implements WorkerPool {
  readonly #parts: HomeserverWorkersParts;
  /** Workers whose rooms are being made. */
  readonly #preparing = new Set<string>();

  constructor(parts: HomeserverWorkersParts) {
    this.#parts = parts;
  }

  ready(workerId: string): ReadyWorker | undefined {
    return this.#parts.pool.ready(workerId);
  }

  ensure(workerId: string, scope: Scope): void {
    const { pool, transport } = this.#parts;
    const { homeserver } = transport;
    if (!transport.place(workerId, scope) || homeserver === undefined) {
      return pool.ensure(workerId, scope);
    }
    if (this.#preparing.has(workerId)) return;
    this.#preparing.add(workerId);
    homeserver.prepare(workerId, scopeKey(scope)).then(
      () => {
        this.#preparing.delete(workerId);
        // Should nothing wait for it any more, it ends again as an idle one.
        pool.ensure(workerId, scope);
      },
      // The node ends; the next one begins anew.
      () => this.#preparing.delete(workerId),
    );
  }

  release(workerId: string): void {
    this.#parts.pool.release(workerId);
  }
}
