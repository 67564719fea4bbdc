/**
 * Program that makes what it starts the leader of a session and process group of its own. Part of
 * util-linux and busybox; a worker that can't use it has Deno do the same, at half the speed.
 */
export const SESSION_LEADER = "/usr/bin/setsid";
