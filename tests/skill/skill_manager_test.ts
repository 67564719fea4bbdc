/** Events reach the skill that they are for, and a confirm reaches its run that way. */
import assert from "node:assert/strict";
import type { ConfirmAnswer } from "../../lib/schema/api.ts";
import type { Skill } from "../../lib/skill/skill.ts";
import { SkillManager } from "../../lib/skill/skill_manager.ts";
import { call, publishDag, withNode } from "../helpers/test_node.ts";
import { Database } from "../../lib/db/database.ts";

const echo = (name: string): Skill => ({ name, handleEvent: (_tx, event) => [name, event] });

Deno.test("an event goes to the skill that is named, whose answer comes back", () => {
  using db = new Database(":memory:");
  const skills = new SkillManager();
  for (const name of ["one", "two"]) skills.register(echo(name));
  assert.deepEqual(skills.names(), ["one", "two"]);
  const event = { name: "what:ever", data: 1 };
  assert.deepEqual(db.writeNow((tx) => skills.sendEvent(tx, "two", event)), ["two", event]);
  assert.throws(() => skills.register(echo("one")), /there is a skill "one" already/);
  assert.throws(
    () => db.writeNow((tx) => skills.sendEvent(tx, "three", event)),
    /there is no skill "three"; there are: one, two/,
  );
});

Deno.test("a confirm and a run reach dag-executor by dag:execute, which gives the run", async () => {
  await withNode(async ({ node, fetch }) => {
    assert.deepEqual(node.skills.names(), ["dag-executor"]);
    const sent: unknown[] = [];
    const send = node.skills.sendEvent.bind(node.skills);
    node.skills.sendEvent = (tx, skill, event) => {
      const answer = send(tx, skill, event) as { run_id: string };
      sent.push([skill, event.name, answer.run_id]);
      return answer;
    };
    await publishDag(fetch, { dag_id: "d", tasks: [{ id: "a", type: "noop" }] });
    const begin = (path: string): Promise<ConfirmAnswer> =>
      call<ConfirmAnswer>(fetch, `/api/v1/${path}`, { method: "POST" });
    const { run_id } = await begin("dag/d/confirm");
    const again = await begin("dag/d/run");
    assert.deepEqual(
      sent,
      [run_id, again.run_id].map((id) => ["dag-executor", "dag:execute", id]),
    );
  });
});

Deno.test("dag-executor handles dag:execute of a version that is there, and nothing else", async () => {
  await withNode(({ node }) => {
    const ask = (name: string, data: unknown): unknown =>
      node.db.writeNow((tx) => node.skills.sendEvent(tx, "dag-executor", { name, data }));
    const order = { dag_id: "none", version: 1, run_id: "r", triggered_by: "t" };
    assert.throws(() => ask("dag:stop", {}), /handles dag:execute, not "dag:stop"/);
    assert.throws(() => ask("dag:execute", { dag_id: "none" }), /version/);
    assert.throws(
      () => ask("dag:execute", { ...order, confirmed_by: null }),
      /no version 1 of none/,
    );
    return Promise.resolve();
  });
});
