import assert from "node:assert/strict";
import { dag, withSite } from "./site_fixture.ts";

Deno.test("the overview tells what waits, what runs, what failed, and how workers are", async () => {
  await withSite(async (site) => {
    const approver = await site.signIn(["approver"]);
    const confirm = async (spec: Record<string, unknown>): Promise<void> => {
      const { dag_id, spec_hash } = await site.publish(spec);
      await site.post(`/pending/${dag_id}/confirm`, { spec_hash }, { cookie: approver });
    };
    await confirm(dag("goes-on"));
    const skill = { id: "x", type: "skill", skill: "<b>missing</b>", params: {} };
    await confirm({ dag_id: "went-wrong", tasks: [skill] });
    await confirm({ dag_id: "asks", tasks: [{ id: "gate", type: "approval" }] });
    await site.publish(dag("waits"));
    const html = await (await site.get("/", approver)).text();
    assert.ok(html.includes("<title>(2) Overview · CIS</title>"));
    assert.match(html, /href="\/pending#waits"/);
    assert.match(html, /href="\/decisions#[^"]+"[^>]*><strong>/);
    assert.match(html, /id="running".*\/dags\/goes-on/s);
    assert.match(html, /id="failed".*\/dags\/went-wrong/s);
    assert.match(html, /class="error-text clipped"/);
    assert.ok(!html.includes("<b>missing"));
    assert.match(html, /role="img" aria-label="0 completed, 1 failed, 0 cancelled, 2 open"/);
    assert.match(html, /\/workers\/worker-global"/);
    assert.ok(!html.includes(" style="));
  });
});

Deno.test("with nothing there the overview says so in each place, and a day without runs is told", async () => {
  await withSite(async (site) => {
    const html = await (await site.get("/", await site.signIn(["viewer"]))).text();
    assert.ok(html.includes("<title>Overview · CIS</title>"));
    assert.ok(html.includes("No run began within the last 24 hours."));
    const chinese = await (await site.get("/", `${await site.signIn(["viewer"])}; cis_language=zh`))
      .text();
    for (const text of ["概览", "没有等待你处理的内容。", "尚无工作进程。"]) {
      assert.ok(chinese.includes(text), text);
    }
  });
});
