/** Every endpoint of the API. A test holds this list against the files in `routes/`. */
import type { Operation } from "./operation.ts";
import { DAG_OPERATIONS } from "./operations/dag_operations.ts";
import { DECISION_OPERATIONS } from "./operations/decision_operations.ts";
import { NODE_OPERATIONS } from "./operations/node_operations.ts";
import { PEER_OPERATIONS } from "./operations/peer_operations.ts";
import { RUN_OPERATIONS } from "./operations/run_operations.ts";
import { SECRET_OPERATIONS } from "./operations/secret_operations.ts";
import { TASK_OPERATIONS } from "./operations/task_operations.ts";
import { TOKEN_OPERATIONS } from "./operations/token_operations.ts";
import { WORKER_OPERATIONS } from "./operations/worker_operations.ts";

export const OPERATIONS: readonly Operation[] = [
  ...NODE_OPERATIONS,
  ...DAG_OPERATIONS,
  ...RUN_OPERATIONS,
  ...DECISION_OPERATIONS,
  ...TASK_OPERATIONS,
  ...WORKER_OPERATIONS,
  ...TOKEN_OPERATIONS,
  ...PEER_OPERATIONS,
  ...SECRET_OPERATIONS,
];
