/** Nodes whose workers' rooms are on a real homeserver. */
import {
  type Credentials,
  credentialsPath,
  writeCredentials,
} from "../../lib/matrix/credentials.ts";
import type { Config } from "../../lib/config.ts";
import { MatrixSettings } from "../../lib/config_matrix.ts";
import { freePort } from "./free_port.ts";
import { type StartedNode, startedNode } from "./started_node.ts";
import type { MatrixUser, Synapse } from "./synapse.ts";

/** Gives the node of a data directory an account on the homeserver, as `matrix setup` would. */
export async function signNodeIn(
  synapse: Synapse,
  dataDir: string,
  options: { readonly name?: string; readonly user?: MatrixUser } = {},
): Promise<Credentials> {
  const user = options.user ?? await synapse.register(options.name ?? "node1");
  const credentials: Credentials = {
    homeserver: synapse.url,
    user_id: user.user_id,
    device_id: user.device_id,
    access_token: user.access_token,
    registration: { by: "shared_secret", secret: synapse.sharedSecret },
    worker_key: "a key of a test, and of nobody else",
  };
  writeCredentials(credentialsPath(dataDir), credentials);
  return credentials;
}

/** Settings of a node whose rooms are all on the homeserver. */
export function matrixConfig(synapse: Synapse): Partial<Config> {
  return { matrix: MatrixSettings.parse({ homeserver: synapse.url }) };
}

/** A node with an account on a homeserver. */
export interface Signed {
  readonly node: StartedNode;
  readonly dataDir: string;
  readonly options: Parameters<typeof startedNode>[0];
}

let nodes = 0;

/** Runs `use` with a node of its own on the homeserver. */
export async function withMatrixNode(
  synapse: Synapse,
  use: (signed: Signed) => Promise<void>,
  config: object = {},
): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  const node_id = `h${nodes++}`;
  const options = {
    dataDir,
    config: { ...matrixConfig(synapse), node_id, port: freePort(), heartbeat_ms: 500, ...config },
  };
  await signNodeIn(synapse, dataDir, { name: node_id });
  const node = await startedNode(options);
  try {
    await use({ node, dataDir, options });
  } finally {
    await node.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
}
