/** A store that refuses writes for a while, as on a full disk: nothing is left out afterwards. */
import assert from "node:assert/strict";
import { within } from "../../helpers/deadline.ts";
import { getRun, runEnded, type TestNode, withNode } from "../../helpers/test_node.ts";
import { fileText, historyOf, pidOf, startShell, WORKER } from "../../helpers/worker_watch.ts";

/** Has the store refuse every change of a table, until it is told to take them again. */
function refuse({ node }: TestNode, table: string): () => void {
  node.db.writeNow(() =>
    node.db.run(
      `CREATE TRIGGER full BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
    )
  );
  return () => void node.db.writeNow(() => node.db.run("DROP TRIGGER full"));
}

/** Waits until the node has reported a failure. */
async function reported({ reports }: TestNode, pattern: RegExp): Promise<void> {
  const look = async (): Promise<void> => {
    while (!reports.some((line) => pattern.test(line))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await within(look(), `a report of ${pattern}`);
}

Deno.test("a result that could not be kept is asked for again", async () => {
  await withNode(async (test) => {
    const gate = `${test.dataDir}/gate`;
    const command = `echo up > ${gate}.up; until [ -e ${gate} ]; do sleep 0.01; done`;
    const runId = await startShell(test.fetch, command);
    await fileText(`${gate}.up`);
    const accept = refuse(test, "task_attempts");
    Deno.writeTextFileSync(gate, "");
    await reported(test, /sent an event "io.cis.task.result" that failed: .*the disk is full/);
    accept();
    await runEnded(test.node, runId);
    const [task] = (await getRun(test.fetch, runId)).tasks;
    assert.deepEqual(task?.attempts.map(({ status }) => status), ["completed"]);
  });
});

Deno.test("a worker's states that could not be written are written later, in their order", async () => {
  await withNode(async (test) => {
    const mark = `${test.dataDir}/up`;
    const command = `[ $CIS_ATTEMPT = 1 ] || exit 0; echo up > ${mark}; sleep 608`;
    const runId = await startShell(test.fetch, command);
    await fileText(mark);
    const accept = refuse(test, "workers");
    Deno.kill(pidOf(test), "SIGKILL");
    await reported(test, /state could not be written, it will be tried again: .*the disk is full/);
    accept();
    await runEnded(test.node, runId);
    const states = historyOf(test).map((line) => line.split(":", 1)[0]);
    assert.deepEqual(states, ["starting", "running", "crashed", "starting", "running"]);
    assert.equal(test.node.db.get("SELECT status FROM workers")?.status, "running");
    assert.equal(test.node.supervisor.get(WORKER).restarts, 1);
  });
});
