/** Requests to a node that a test has made itself. */
import { createApp } from "../../main.ts";
import type { Node } from "../../lib/node.ts";
import { makeRequest, type TestFetch } from "./test_node.ts";

/** Makes a token of the role admin, for some scopes or all, and what asks with it. */
export async function openTestNode(
  node: Node,
  scopes?: readonly string[],
): Promise<{ readonly fetch: TestFetch; readonly token: string }> {
  const handle = (await createApp(node)).handler();
  const { token } = await node.db.write((tx) =>
    node.tokens.create(tx, {
      name: "test",
      roles: ["admin"],
      createdBy: null,
      ...(scopes === undefined ? {} : { scopes }),
    })
  );
  return { token, fetch: (path, init) => handle(makeRequest(path, { token, ...init })) };
}
