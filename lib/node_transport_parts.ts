/** How this node reaches its workers: by its settings, and by who its supervisor says they are. */
import type { Config } from "./config.ts";
import { isOnHomeserver } from "./config_matrix.ts";
import type { Database } from "./db/database.ts";
import { HomeserverWorkers } from "./homeserver_workers.ts";
import { EmbeddedTransport } from "./matrix/embedded_transport.ts";
import { HomeserverTransport } from "./matrix/homeserver_transport.ts";
import { NodeTransport } from "./matrix/node_transport.ts";
import type { Scope } from "./schema/scope.ts";
import { secretKeyPath } from "./secrets/secret_key.ts";
import type { Supervisor } from "./worker/supervisor.ts";
import { workspaceOf } from "./worker/workspace.ts";
import { scopeElsewhere } from "./workers_elsewhere.ts";

/** What the way to workers takes. */
export interface NodeTransportSources {
  readonly config: Config;
  readonly db: Database;
  readonly supervisor: Supervisor;
  /** Values of the secrets that the tasks of a scope may declare, as they are now. */
  readonly secretsOf: (scope: Scope) => Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}

/** The workers of a node as its scheduler sees them, wherever they are. */
export function homeserverWorkers(
  { config, supervisor, ...rest }:
    & Pick<NodeTransportSources, "config" | "supervisor" | "report">
    & {
      readonly transport: NodeTransport;
    },
): HomeserverWorkers {
  const { matrix: settings, data_dir: dataDir } = config;
  return new HomeserverWorkers({ pool: supervisor, settings, dataDir, ...rest });
}

/** The transport of a node, not yet connected. */
export function nodeTransport(sources: NodeTransportSources): NodeTransport {
  const { config, db, supervisor, report } = sources;
  const { node_id: nodeId, data_dir: dataDir, matrix } = config;
  const common = {
    db,
    nodeId,
    onExpelled: (member: { workerId: string; instance: string }, what: string) =>
      supervisor.workerMisbehaves(member, `it sent ${what}`),
    secretsOf: (workerId: string) => {
      const worker = supervisor.list().find((one) => one.workerId === workerId);
      return worker === undefined ? {} : sources.secretsOf(worker.scope);
    },
    report,
  };
  return new NodeTransport({
    nodeId,
    isOnHomeserver: (scope) => isOnHomeserver(matrix, scope),
    embedded: new EmbeddedTransport({
      ...common,
      authenticate: (workerId, secret) => supervisor.authenticate(workerId, secret),
    }),
    homeserver: matrix && new HomeserverTransport({
      ...common,
      dataDir,
      homeserver: matrix.homeserver,
      keyPath: secretKeyPath(dataDir),
      heartbeatMs: config.heartbeat_ms,
      workspaceElsewhere: (workerId) => {
        const scope = scopeElsewhere(config, workerId);
        return scope && workspaceOf(scope, config);
      },
      living: () =>
        supervisor.list().filter(({ status }) => status === "running" || status === "starting"),
    }),
  });
}
