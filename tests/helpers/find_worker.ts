/**
 * Shell commands that set `$worker` to the process of the worker that carries them out, for tasks
 * without walls. What starts tasks for the worker may stand between the two.
 */
export const FIND_WORKER = `worker=$PPID
until [ "$worker" -le 1 ] || tr '\\0' '\\n' < /proc/$worker/cmdline | grep -qx -- --parent-node; do
  worker=$(sed 's/.*) . \\([0-9]*\\).*/\\1/' /proc/$worker/stat)
done
`;
