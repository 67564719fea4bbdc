/** Whether the doctor notices what is wrong with the node itself, and says what to do about it. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { doctor } from "../../lib/api/doctor.ts";
import type { DoctorCheck } from "../../lib/api/doctor_checks/check.ts";
import type { Node } from "../../lib/node.ts";
import { runEnded, startDag, withNode } from "../helpers/test_node.ts";

const checkOf = (node: Node, name: string): DoctorCheck | undefined =>
  doctor(node).checks.find((check) => check.name === name);

const DAMAGES: readonly [what: string, sql: string, detail: RegExp][] = [
  [
    "a value that no state is",
    "PRAGMA ignore_check_constraints = ON; UPDATE dag_specs SET priority = 'none'",
    /^CHECK constraint failed in dag_specs$/,
  ],
  [
    "rows that belong to nothing",
    "PRAGMA foreign_keys = OFF; DELETE FROM dag_runs",
    /^2 rows point at rows that are gone$/,
  ],
];

for (const [what, sql, detail] of DAMAGES) {
  Deno.test(`${what} in the database: told by the doctor, with what to do`, async () => {
    await withNode(async ({ node, fetch, dataDir }) => {
      await startDag(fetch, {
        dag_id: "d",
        tasks: [{ id: "a", type: "noop" }, { id: "b", type: "noop" }],
      });
      assert.equal(checkOf(node, "database")?.status, "ok");
      const other = new DatabaseSync(join(dataDir, "cis.db"));
      other.exec("DROP TRIGGER dag_specs_immutable");
      other.exec(sql);
      other.close();
      const check = checkOf(node, "database");
      assert.equal(check?.status, "failed");
      assert.match(check?.detail ?? "", detail);
      assert.match(check?.advice ?? "", /last backup/);
    });
  });
}

Deno.test("a worker that was given up: told by the doctor with its reason and what to do", async () => {
  await withNode(async ({ node, fetch, dataDir }) => {
    assert.equal(checkOf(node, "workers")?.status, "ok");
    // Its temporary directory can't be made.
    Object.assign(node.config, { data_dir: join(dataDir, "cis.db") });
    const { run_id } = await startDag(fetch, {
      dag_id: "d",
      tasks: [{ id: "a", command: "true" }],
    });
    await runEnded(node, run_id);
    Object.assign(node.config, { data_dir: dataDir });
    const check = checkOf(node, "workers");
    assert.equal(check?.status, "failed");
    assert.match(check?.detail ?? "", /^worker-global: its process could not be started: /);
    assert.match(check?.advice ?? "", /worker restart/);
  }, { config: { restart_limit: 0 } });
});

Deno.test("a node that starts or stops doesn't take work, and the doctor says so", async () => {
  await withNode(({ node }) => {
    assert.equal(checkOf(node, "node")?.status, "ok");
    node.isReady = false;
    const check = checkOf(node, "node");
    node.isReady = true;
    assert.equal(check?.status, "failed");
    assert.match(check?.advice ?? "", /ask again/);
    return Promise.resolve();
  });
});
