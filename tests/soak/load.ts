/** The load of a soak: DAGs of all kinds in several scopes, published and confirmed without end. */
import { type NodeProcess, publishAndConfirm } from "../helpers/node_process.ts";

/** Scopes that take turns; the last one gives each run a worker of its own. */
const SCOPES = [
  { type: "global" },
  { type: "project", project_id: "soak" },
  { type: "user", user_id: "soak" },
  { type: "type", dag_type: "soak" },
  { type: "project", project_id: "own", reuse_worker: false },
];

/** Leaves a line each time that an attempt is carried out, and a process that must not stay. */
const MARK = 'echo "$CIS_RUN_ID $CIS_TASK_ID $CIS_ATTEMPT" >> marks; ' +
  "(setsid sleep 300 > /dev/null 2>&1 &) ; head -c 20000 /dev/zero | tr '\\0' x; " +
  'echo "n=$CIS_ATTEMPT" > $CIS_OUTPUT; echo x > $TMPDIR/left';

function soakDag(dag_id: string, scope: unknown): unknown {
  const after = (...depends_on: string[]): { depends_on: string[] } => ({ depends_on });
  return {
    dag_id,
    scope,
    tasks: [
      { id: "a", command: MARK },
      { id: "b", command: `sleep 0.05; ${MARK}`, ...after("a") },
      {
        id: "c",
        type: "deno",
        script: "export default ({ inputs }) => ({ seen: inputs.a.n });",
        ...after("a"),
      },
      { id: "d", type: "noop", ...after("b", "c") },
      { id: "e", command: MARK, ...after("d") },
    ],
  };
}

/** What the load works with; the node changes when it is killed. */
export interface LoadParts {
  readonly node: () => NodeProcess;
  readonly random: () => number;
  readonly until: AbortSignal;
  /** Runs that were answered. */
  readonly told: Set<string>;
}

/** Publishes and confirms one DAG after the other, however often the node goes away. */
export async function load(name: string, { node, random, until, told }: LoadParts): Promise<void> {
  for (let n = 0; !until.aborted; n++) {
    const scope = SCOPES[Math.floor(random() * SCOPES.length)];
    try {
      const { client } = node();
      told.add((await publishAndConfirm(client, soakDag(`${name}-${n}`, scope))).run_id);
    } catch {
      // The node was killed: what it hadn't answered may be there or not.
    }
    await new Promise((resolve) => setTimeout(resolve, 50 + random() * 200));
  }
}
