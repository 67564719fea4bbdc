/** A node that a test starts and stops itself, as to see what the next life makes of what one leaves. */
import { type TestNode, type TestNodeOptions, withServedNode } from "./test_node.ts";

/** A node that runs. */
export interface StartedNode extends TestNode {
  readonly url: string;
  /** Ends it and waits; a second time it does nothing. */
  stop(): Promise<void>;
}

/** Starts a node in a directory that stays. */
export async function startedNode(
  options: TestNodeOptions & { readonly dataDir: string },
): Promise<StartedNode> {
  const started = Promise.withResolvers<TestNode & { readonly url: string }>();
  const over = Promise.withResolvers<void>();
  const ended = withServedNode(async (test) => {
    started.resolve(test);
    await over.promise;
  }, options);
  ended.catch(started.reject);
  return {
    ...await started.promise,
    stop: async () => {
      over.resolve();
      await ended;
    },
  };
}
