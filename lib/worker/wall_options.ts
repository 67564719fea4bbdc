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

/**
 * The wall's own process ignores the signals that ask a task to end, and would pass that on; the
 * task gets them back by this.
 */
export const RESET_SIGNALS: readonly string[] = [
  "/usr/bin/env",
  "--default-signal=TERM,INT,HUP,QUIT",
];
