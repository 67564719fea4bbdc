import assert from "node:assert/strict";
import { join } from "node:path";
import { newSecret } from "../../lib/auth/secret.ts";
import { WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import { permissionFlags } from "../../lib/worker/permission_flags.ts";
import { BUILTIN_POLICY } from "../../lib/worker/builtin_policy.ts";
import { type WorkerCommand, workerCommand } from "../../lib/worker/worker_command.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const SECRET = newSecret();
const POLICY = { ...BUILTIN_POLICY, max_concurrent_tasks: 3 };
const GROUND = { net: ["127.0.0.1:6767"], paths: ["/srv/.cis"] };
const LAUNCH = {
  bubblewrap: "/usr/bin/bwrap",
  system: ["/usr"],
  taken: [],
  groups: null,
  file_size: 1_000,
  pids: 512,
};

function build(dir: string): WorkerCommand {
  return workerCommand({
    workerId: "worker-project-abc",
    scope: { type: "project", project_id: "abc", reuse_worker: true },
    roomId: "!worker-project-abc:node1",
    nodeId: "node1",
    instance: "life-1",
    secret: SECRET,
  }, {
    socket: join(dir, "node.sock"),
    policy: POLICY,
    ground: GROUND,
    workspace: join(dir, "workspace"),
    temp: join(dir, "tmp"),
    heartbeatMs: 5_000,
    orphanGraceMs: 60_000,
    secrets: { TOKEN: "a value of a secret" },
    launch: LAUNCH,
    processEnv: { NO_COLOR: "1" },
    taskEnv: { PATH: "/bin" },
  });
}

Deno.test("the argv of a worker: deno run, its permissions, who it is", async () => {
  await withTempDir((dir) => {
    const { argv, flags, env, cwd } = build(dir);
    assert.deepEqual(
      flags,
      permissionFlags(POLICY, {
        socket: join(dir, "node.sock"),
        workspace: join(dir, "workspace"),
        temp: join(dir, "tmp/worker-project-abc"),
        denoPath: Deno.execPath(),
        bubblewrap: LAUNCH.bubblewrap,
        ground: GROUND,
      }),
    );
    const main = argv.findIndex((part) => part.endsWith("/lib/worker/child/main.ts"));
    assert.deepEqual(argv.slice(0, main), [
      "run",
      "--no-config",
      "--no-lock",
      "--no-remote",
      ...flags,
    ]);
    assert.deepEqual(argv.slice(main + 1), [
      ...["--worker-id", "worker-project-abc", "--room", "!worker-project-abc:node1"],
      ...["--scope", "project:abc", "--parent-node", "node1"],
    ]);
    assert.deepEqual([env, cwd], [{ NO_COLOR: "1" }, join(dir, "workspace")]);
    return Promise.resolve();
  });
});

Deno.test("its secret and those of its tasks are in the bootstrap and nowhere else", async () => {
  await withTempDir((dir) => {
    const { argv, flags, env, cwd, bootstrap } = build(dir);
    assert.equal(bootstrap.secret, SECRET);
    assert.deepEqual(bootstrap.secrets, { TOKEN: "a value of a secret" });
    const rest = JSON.stringify({ argv, flags, env, cwd });
    assert.ok(!rest.includes(SECRET) && !rest.includes("a value of a secret"));
    return Promise.resolve();
  });
});

Deno.test("the bootstrap is what the worker's side expects", async () => {
  await withTempDir((dir) => {
    const { bootstrap } = build(dir);
    assert.deepEqual(WorkerBootstrap.parse(bootstrap), bootstrap);
    assert.deepEqual(bootstrap, {
      socket: join(dir, "node.sock"),
      worker_id: "worker-project-abc",
      room_id: "!worker-project-abc:node1",
      instance: "life-1",
      secret: SECRET,
      workspace: join(dir, "workspace"),
      temp: join(dir, "tmp/worker-project-abc"),
      max_concurrent_tasks: 3,
      heartbeat_ms: 5_000,
      orphan_grace_ms: 60_000,
      base_env: { PATH: "/bin" },
      secrets: { TOKEN: "a value of a secret" },
      launch: LAUNCH,
    });
    return Promise.resolve();
  });
});

Deno.test("the directories are there, the temporary one for this user only", async () => {
  await withTempDir((dir) => {
    build(dir);
    build(dir);
    assert.ok(Deno.statSync(join(dir, "workspace")).isDirectory);
    assert.equal((Deno.statSync(join(dir, "tmp")).mode ?? 0) & 0o777, 0o700);
    return Promise.resolve();
  });
});
