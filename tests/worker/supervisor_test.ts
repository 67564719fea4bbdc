/**
 * The supervisor with real processes that are no workers: they crash at once, hang, or can't be
 * started. What real workers do is in supervision/.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Database } from "../../lib/db/database.ts";
import type { WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import type { Scope } from "../../lib/schema/scope.ts";
import { Supervisor } from "../../lib/worker/supervisor.ts";
import type { SupervisorSettings } from "../../lib/worker/supervisor_parts.ts";
import { WorkerHistory } from "../../lib/worker/worker_history.ts";
import { WorkerStore } from "../../lib/worker/worker_store.ts";
import { gone } from "../helpers/child_worker.ts";
import { within } from "../helpers/deadline.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const SCOPE: Scope = { type: "project", project_id: "abc", reuse_worker: true };
const ID = "worker-project-abc";
const CRASHES = 'console.error("no luck"); Deno.exit(7);';
const HANGS = "setInterval(() => {}, 1000);";
const STUBBORN = 'Deno.addSignalListener("SIGTERM", () => {}); console.error("up");' + HANGS;

/** As far as starting a process needs it. */
const LAUNCH: WorkerBootstrap["launch"] = {
  bubblewrap: null,
  system: [],
  taken: [],
  groups: null,
  file_size: 2 ** 40,
  pids: null,
};

interface Change {
  readonly status: string;
  readonly pid: number | null;
}

interface Options {
  readonly settings?: Partial<SupervisorSettings>;
  readonly cwd?: string;
  /** Why no command can be made. */
  readonly unbuildable?: string;
  readonly random?: number;
}

class Scene {
  readonly supervisor: Supervisor;
  readonly changes: Change[] = [];
  readonly lost: string[] = [];
  readonly givenUp: string[] = [];
  readonly output: string[] = [];
  readonly reports: string[] = [];
  hasWork = true;
  #changed = Promise.withResolvers<void>();

  constructor({ db, temp }: { db: Database; temp: string }, script: string, options: Options = {}) {
    this.supervisor = new Supervisor({
      db,
      store: new WorkerStore(db),
      history: new WorkerHistory(db),
      settings: {
        nodeId: "node1",
        temp,
        slots: () => 8,
        maxWorkers: 8,
        hungAfterMs: 20_000,
        readyTimeoutMs: 20_000,
        reconnectGraceMs: 10_000,
        idleExitMs: 10_000,
        stopGraceMs: 20_000,
        restartLimit: 3,
        ...options.settings,
      },
      command: () => {
        if (options.unbuildable !== undefined) throw new TypeError(options.unbuildable);
        const argv = ["eval", "--no-config", script];
        const bootstrap = { launch: LAUNCH } as WorkerBootstrap;
        return { argv, flags: [], env: { NO_COLOR: "1" }, cwd: options.cwd ?? "/", bootstrap };
      },
      random: () => options.random ?? 0.5,
      report: (line) => this.reports.push(line),
    });
    this.supervisor.connect({
      onReady: () => {},
      onLost: (_tx, _id, reason) => void this.lost.push(reason),
      onGivenUp: (_tx, _id, reason) => void this.givenUp.push(reason),
      onChange: (_tx, { status, pid }) => {
        this.changes.push({ status, pid });
        this.#wake();
      },
      onGone: () => this.#wake(),
      hasWork: () => this.hasWork,
      running: () => 0,
      onOutput: (_id, line) => {
        this.output.push(line);
        this.#wake();
      },
    });
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!isSo()) await this.#changed.promise;
    };
    await within(wait(), what, 30_000);
  }

  reaches(status: string): Promise<void> {
    return this.until(status, () => this.changes.at(-1)?.status === status);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

async function withScene(
  [script, options]: [string, Options?],
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const db = new Database(join(dir, "cis.db"));
    const scene = new Scene({ db, temp: join(dir, "tmp") }, script, options);
    try {
      await use(scene);
      assert.deepEqual(scene.reports, []);
    } finally {
      await scene.supervisor.stopAll();
      await db.close();
    }
  });
}

Deno.test("a connection that closes after its process has ended is no second crash", async () => {
  // With the longest first wait, which is longer than an ended connection is waited for.
  await withScene([CRASHES, { random: 1 }], async (scene) => {
    scene.supervisor.ensure(ID, SCOPE);
    await scene.reaches("crashed");
    const { instance } = scene.supervisor.get(ID);
    scene.supervisor.workerAway({ workerId: ID, instance });
    await scene.until("given up", () => scene.givenUp.length > 0);
    assert.deepEqual([scene.lost.length, scene.supervisor.get(ID).restarts], [4, 3]);
  });
});

Deno.test("a worker that was given up gets one more try from the next run, all from a person", async () => {
  await withScene([CRASHES, { settings: { restartLimit: 1 } }], async (scene) => {
    scene.supervisor.ensure(ID, SCOPE);
    await scene.until("given up", () => scene.givenUp.length === 1);
    const crashes = (): number => scene.lost.length;
    assert.equal(crashes(), 2);
    scene.supervisor.ensure(ID, SCOPE);
    await scene.until("given up again", () => scene.givenUp.length === 2);
    assert.equal(crashes(), 3);
    scene.supervisor.restart(ID);
    await scene.until("given up for the third time", () => scene.givenUp.length === 3);
    assert.equal(crashes(), 5);
  });
});

Deno.test("a crashed worker that nobody needs stays away until somebody does", async () => {
  await withScene([CRASHES], async (scene) => {
    scene.hasWork = false;
    scene.supervisor.ensure(ID, SCOPE);
    await scene.reaches("crashed");
    assert.equal(scene.supervisor.ready(ID), undefined);
    scene.supervisor.ensure(ID, SCOPE);
    await scene.until("a second crash", () => scene.lost.length === 2);
  });
});

Deno.test("a worker that never says that it is ready is killed", async () => {
  const settings = { readyTimeoutMs: 300, restartLimit: 0 };
  await withScene([STUBBORN, { settings }], async (scene) => {
    scene.supervisor.ensure(ID, SCOPE);
    await scene.until("a pid", () => (scene.changes.at(-1)?.pid ?? null) !== null);
    const pid = scene.changes.at(-1)?.pid ?? 0;
    await scene.until("given up", () => scene.givenUp.length > 0);
    assert.deepEqual(scene.givenUp, ["it did not become ready within 300 ms"]);
    await gone(pid);
  });
});

Deno.test("stopped in the middle of its wait, a crashed worker doesn't come back", async () => {
  await withScene([CRASHES, { settings: { restartLimit: 50 } }], async (scene) => {
    scene.supervisor.ensure(ID, SCOPE);
    await scene.until("three crashes", () => scene.lost.length === 3);
    await scene.reaches("crashed");
    scene.hasWork = false;
    scene.supervisor.stop(ID);
    await scene.reaches("stopped");
    assert.equal(scene.supervisor.get(ID).status, "stopped");
  });
});

Deno.test("a worker that can't be started is a crash with its reason, not an error of the run", async (t) => {
  await t.step("a directory that isn't there", async () => {
    const options = { cwd: "/no/such/directory", settings: { restartLimit: 0 } };
    await withScene([HANGS, options], async (scene) => {
      scene.supervisor.ensure(ID, SCOPE);
      await scene.until("given up", () => scene.givenUp.length > 0);
      assert.match(
        scene.givenUp[0] ?? "",
        /^its process could not be started: .*No such cwd '\/no\/such\/directory'/,
      );
    });
  });
  await t.step("a policy from which no flags can be made", async () => {
    const options = { unbuildable: '"/a,b" can\'t stand here', settings: { restartLimit: 0 } };
    await withScene([HANGS, options], async (scene) => {
      scene.supervisor.ensure(ID, SCOPE);
      await scene.until("given up", () => scene.givenUp.length > 0);
      assert.deepEqual(scene.givenUp, [
        'its process could not be started: "/a,b" can\'t stand here',
      ]);
    });
  });
});

Deno.test("nobody but the process that was given the place is let in", async () => {
  await withScene([HANGS], async (scene) => {
    scene.hasWork = false;
    assert.ok("code" in scene.supervisor.authenticate(ID, "guess"));
    scene.supervisor.ensure(ID, SCOPE);
    const answer = scene.supervisor.authenticate(ID, "guess");
    assert.deepEqual(answer, {
      code: "unknown_worker",
      message: `this node expects no such worker "${ID}"`,
    });
    await scene.until("a pid", () => (scene.changes.at(-1)?.pid ?? null) !== null);
    assert.throws(() => scene.supervisor.admit({ scope: SCOPE }), {
      code: "worker_exists",
      message: `the worker ${ID} is starting as process ${scene.supervisor.get(ID).pid}; ` +
        "stop it first",
    });
  });
});
