/** Whether the doctor notices a database that is not sound, and says what to do about it. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { doctor } from "../../lib/api/doctor.ts";
import type { DoctorCheck } from "../../lib/api/doctor_checks/check.ts";
import type { Node } from "../../lib/node.ts";
import { startDag, withNode } from "../helpers/test_node.ts";

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
