/** A node whose time stands still, and DAGs whose runs end at once instead of starting a worker. */
import { CisError } from "../../lib/errors.ts";
import { confirm } from "../../lib/scheduler/confirm.ts";
import { reject } from "../../lib/scheduler/reject.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { publishDag, type TestNode, type TestNodeOptions, withNode } from "../helpers/test_node.ts";

export const EXPIRE_SEC = 300;

/** The content of a DAG, told apart by its command. It is for another node, so nothing is spawned. */
export function content(command: string, dagId = "d"): Record<string, unknown> {
  return {
    dag_id: dagId,
    scope: { type: "project", project_id: "abc" },
    target_node: "elsewhere",
    tasks: [{ id: "a", type: "shell", command }],
  };
}

/** Runs `use` with such a node. */
export function withStillNode(
  use: (test: TestNode, clock: FakeClock) => Promise<void>,
  options: TestNodeOptions & { readonly clock?: FakeClock } = {},
): Promise<void> {
  const { clock = new FakeClock(), ...rest } = options;
  return withNode((test) => use(test, clock), { ...rest, timer: clock });
}

/** Publishes content and gives its hash. */
export async function publish({ fetch }: TestNode, command: string): Promise<string> {
  return (await publishDag(fetch, content(command))).spec_hash;
}

/** Confirms or rejects as a token, going past every route. @returns the run, or the code */
export async function decideDirectly(
  { node }: TestNode,
  order: { what: "confirm" | "reject"; who: string; specHash?: string },
): Promise<string> {
  const { what, who, specHash } = order;
  try {
    const row = await node.db.write((tx) =>
      what === "confirm"
        ? confirm(tx, { ...node, separationOfDuties: node.config.separation_of_duties }, {
          dagId: "d",
          specHash,
          confirmedBy: who,
        })
        : reject(tx, node, { dagId: "d", specHash, rejectedBy: who, reason: "no" })
    );
    return row.run_id ?? row.status;
  } catch (error) {
    if (error instanceof CisError) return error.code;
    throw error;
  }
}
