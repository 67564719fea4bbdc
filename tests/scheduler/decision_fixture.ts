/** A node whose time stands still, and DAGs whose runs end at once instead of starting a worker. */
import { FakeClock } from "../helpers/fake_clock.ts";
import { type TestNode, type TestNodeOptions, withNode } from "../helpers/test_node.ts";

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
