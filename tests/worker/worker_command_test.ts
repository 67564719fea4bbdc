import assert from "node:assert/strict";
import { join } from "node:path";
import { newSecret } from "../../lib/auth/secret.ts";
import { WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import { permissionFlags } from "../../lib/worker/permission_flags.ts";
import { DEFAULT_POLICY } from "../../lib/worker/policy.ts";
import { type WorkerCommand, workerCommand } from "../../lib/worker/worker_command.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const SECRET = newSecret();

function build(dir: string): WorkerCommand {
  return workerCommand({
    workerId: "worker-project-abc",
    scope: { type: "project", project_id: "abc", reuse_worker: true },
    roomId: "!worker-project-abc:node1",
    nodeId: "node1",
    instance: "life-1",
    secret: SECRET,
  }, {
    nodeAddress: "127.0.0.1:6767",
    policy: DEFAULT_POLICY,
    workspace: join(dir, "workspace"),
    temp: join(dir, "tmp"),
    maxConcurrentTasks: 3,
    heartbeatMs: 5_000,
    orphanGraceMs: 60_000,
    maxOutputBytes: 1_000,
    processEnv: { NO_COLOR: "1" },
    taskEnv: { PATH: "/bin" },
  });
}

Deno.test("the argv of a worker: deno run, its permissions, who it is", async () => {
  await withTempDir((dir) => {
    const { argv, flags, env, cwd } = build(dir);
    assert.deepEqual(
      flags,
      permissionFlags(DEFAULT_POLICY, {
        nodeAddress: "127.0.0.1:6767",
        workspace: join(dir, "workspace"),
        temp: join(dir, "tmp"),
        denoPath: Deno.execPath(),
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

Deno.test("its secret is in the bootstrap and nowhere else", async () => {
  await withTempDir((dir) => {
    const { argv, flags, env, cwd, bootstrap } = build(dir);
    assert.equal(bootstrap.secret, SECRET);
    assert.ok(!JSON.stringify({ argv, flags, env, cwd }).includes(SECRET));
    return Promise.resolve();
  });
});

Deno.test("the bootstrap is what the worker's side expects", async () => {
  await withTempDir((dir) => {
    const { bootstrap } = build(dir);
    assert.deepEqual(WorkerBootstrap.parse(bootstrap), bootstrap);
    assert.deepEqual(
      [bootstrap.url, bootstrap.worker_id, bootstrap.room_id, bootstrap.instance, bootstrap.temp],
      [
        "ws://127.0.0.1:6767/api/v1/transport",
        "worker-project-abc",
        "!worker-project-abc:node1",
        "life-1",
        join(dir, "tmp/worker-project-abc"),
      ],
    );
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
