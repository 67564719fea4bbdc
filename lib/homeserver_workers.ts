/**
 * Workers whose rooms are on a homeserver start when their room is made, and wait for it before. Those
 * of other machines come by themselves: here it is told with what.
 */
import { join } from "node:path";
import type { MatrixSettings } from "./config_matrix.ts";
import type { NodeTransport } from "./matrix/node_transport.ts";
import { parseScopeText, type Scope, scopeKey, workerId as workerIdOf } from "./schema/scope.ts";
import type { ReadyWorker, WorkerPool } from "./scheduler/worker_pool.ts";

/** What the workers of a node take. */
export interface HomeserverWorkersParts {
  readonly pool: WorkerPool;
  readonly transport: NodeTransport;
  readonly settings: MatrixSettings | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly report: (line: string) => void;
}

export class HomeserverWorkers implements WorkerPool {
  readonly #parts: HomeserverWorkersParts;
  /** Workers whose rooms are being made. */
  readonly #preparing = new Set<string>();
  /** Of workers of other machines, what they were last said to come with. */
  readonly #handedOver = new Map<string, string>();

  constructor(parts: HomeserverWorkersParts) {
    this.#parts = parts;
  }

  ready(workerId: string): ReadyWorker | undefined {
    return this.#parts.pool.ready(workerId);
  }

  ensure(workerId: string, scope: Scope): void {
    const { pool, transport } = this.#parts;
    if (!transport.place(workerId, scope)) return pool.ensure(workerId, scope);
    this.#prepare(workerId, scope, () => {
      // Should nothing wait for it any more, it ends again as an idle one.
      if (!isElsewhere(this.#parts.settings, scope)) pool.ensure(workerId, scope);
    });
  }

  release(workerId: string): void {
    this.#parts.pool.release(workerId);
  }

  /** Makes the rooms of workers of other machines, and leaves what they come into them with. */
  start(): void {
    const { settings, transport } = this.#parts;
    const elsewhere = new Set<string>();
    // Made anew, a room takes another token.
    if (transport.homeserver !== undefined) {
      transport.homeserver.onRoom = (id) => elsewhere.has(id) && this.#handOver(id);
    }
    for (const key of settings?.elsewhere ?? []) {
      const scope = parseScopeText(key);
      if (scope === undefined) continue;
      const workerId = workerIdOf(scope);
      elsewhere.add(workerId);
      transport.place(workerId, scope);
      this.#prepare(workerId, scope);
    }
  }

  #prepare(workerId: string, scope: Scope, then = (): void => {}): void {
    if (this.#preparing.has(workerId)) return;
    this.#preparing.add(workerId);
    this.#parts.transport.homeserver?.prepare(workerId, scopeKey(scope)).then(then)
      // The node ends; the next one begins anew.
      .catch(() => undefined)
      .finally(() => this.#preparing.delete(workerId));
  }

  #handOver(workerId: string): void {
    const { transport, dataDir, settings, report } = this.#parts;
    const handover = transport.homeserver?.handover(workerId);
    if (handover === undefined || handover.token === this.#handedOver.get(workerId)) return;
    const path = tokenPath(dataDir, workerId);
    try {
      Deno.writeTextFileSync(path, `${handover.token}\n`, { mode: 0o600 });
    } catch (error) {
      return report(`${path} can't be written: ${String(error)}`);
    }
    this.#handedOver.set(workerId, handover.token);
    const config = { data_dir: dataDir, matrix: settings };
    report(startElsewhereText(workerId, { config, alias: handover.alias }));
  }
}

/** How a worker of another machine is started there. @param place `alias`: undefined: not made yet */
export function startElsewhereText(
  workerId: string,
  { config: { data_dir: dataDir, matrix }, alias }: {
    readonly config: { readonly data_dir: string; readonly matrix?: MatrixSettings | undefined };
    readonly alias: string | undefined;
  },
): string {
  const start = `${workerId} is for another machine.`;
  if (alias === undefined) return `${start} Its room is not made yet`;
  return `${start} Take ${tokenPath(dataDir, workerId)} there, and start it with: ` +
    `deno task worker start --homeserver ${matrix?.homeserver} --room '${alias}' ` +
    "--room-token-file <path>";
}

function tokenPath(dataDir: string, workerId: string): string {
  return join(dataDir, `${workerId}.room-token`);
}

/** Whether a scope's worker is started on another machine. */
export function isElsewhere(settings: MatrixSettings | undefined, scope: Scope): boolean {
  return settings?.elsewhere.includes(scopeKey(scope)) ?? false;
}
