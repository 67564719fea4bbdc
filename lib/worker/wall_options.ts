/** What is the same for every wall around a task, whoever builds it: the node's trial or a worker. */

/** How every wall is built: namespaces of its own, no rights, gone with the one who built it. */
export const WALL_OPTIONS: readonly string[] = [
  "--unshare-all",
  "--die-with-parent",
  "--cap-drop",
  "ALL",
  "--hostname",
  "cis-task",
];
