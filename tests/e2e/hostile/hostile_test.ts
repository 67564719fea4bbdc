/**
 * Hostile tasks against a real node and real workers: as whoever runs the tests, as an ordinary
 * user, and without bubblewrap. Each DAG is in tests/testdata/hostile/.
 */
import assert from "node:assert/strict";
import { dataOf } from "../../../lib/api/client.ts";
import type { ConfigFile } from "../../../lib/config.ts";
import type { StartOptions } from "../../helpers/node_process.ts";
import { requireBubblewrap } from "../../helpers/require_bubblewrap.ts";
import { OtherUser, whyNoOtherUser } from "../../helpers/other_user.ts";
import { COUNTED, type Expectation, HELD_ANYWHERE, WALLED } from "./expectations.ts";
import { Stage } from "./stage.ts";

/** Small, so that what grows without end is soon stopped. */
const CONFIG: Partial<ConfigFile> = {
  policy: {
    defaults: { memory: "512MiB", pids: 64, disk: "100MiB" },
    scopes: { "project:sleeps-for-ever": { task_timeout: "2s" } },
  },
};

Deno.test("hostile tasks behind bubblewrap", async (t) => {
  requireBubblewrap();
  await attack(t, { config: CONFIG }, { ...WALLED, ...HELD_ANYWHERE, ...COUNTED });
});

Deno.test("hostile tasks behind bubblewrap, for an ordinary user", async (t) => {
  requireBubblewrap();
  const reason = whyNoOtherUser();
  if (reason !== undefined) return skip(reason);
  await using user = await OtherUser.create();
  await attack(t, { config: CONFIG, user }, { ...WALLED, ...HELD_ANYWHERE, ...COUNTED });
});

Deno.test("without bubblewrap: what Deno, the worker and the machine still hold", async (t) => {
  await attack(t, { config: { ...CONFIG, bubblewrap: null } }, HELD_ANYWHERE);
});

Deno.test("without bubblewrap: the approver is told, and `required` refuses", async () => {
  const required = { scopes: { "project:strict": { isolation: "required" as const } } };
  await Stage.set(async ({ node: { client } }) => {
    const doc = (project_id: string): unknown => ({
      dag_id: project_id,
      scope: { type: "project", project_id },
      tasks: [{ id: "shell", command: "true" }],
    });
    const answer = dataOf(await client.publish({ doc: doc("loose") }));
    assert.equal(answer.permissions.isolation, "none");
    assert.match(answer.permissions.summary.join("\n"), /not walled in/);
    const refused = await client.publish({ doc: doc("strict") });
    assert.ok(!refused.ok, "a shell task was taken where walls are required");
    assert.match(refused.problem.detail ?? "", /walled in only.*none is to be used/);
  }, { config: { bubblewrap: null, policy: required } });
});

async function attack(
  t: Deno.TestContext,
  options: StartOptions,
  expectations: Readonly<Record<string, Expectation>>,
): Promise<void> {
  await Stage.set(async (stage) => {
    for (const [name, expectation] of Object.entries(expectations)) {
      await t.step(name.replaceAll("_", " "), async () => {
        await expectation(await stage.run(name), stage);
      });
    }
  }, options);
}

/** Says what was not run; where everything has to be run, that is a failure. */
function skip(reason: string): void {
  assert.notEqual(Deno.env.get("CI"), "true", reason);
  Deno.stderr.writeSync(new TextEncoder().encode(`not run: ${reason}\n`));
}
