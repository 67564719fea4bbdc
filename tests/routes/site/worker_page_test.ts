import assert from "node:assert/strict";
import { dag, type Site, withSite } from "./site_fixture.ts";

const PAGE = "/workers/worker-project-abc";

/** Begins a run for which there is a worker. */
async function withWorker(site: Site): Promise<void> {
  const { spec_hash } = await site.publish(dag("proj-abc-x"));
  const cookie = await site.signIn(["approver"]);
  await site.post("/pending/proj-abc-x/confirm", { spec_hash }, { cookie });
}

Deno.test("the page of a worker says how it is, what it may do and what became of it", async () => {
  await withSite(async (site) => {
    await withWorker(site);
    const html = await (await site.get(PAGE, await site.signIn(["viewer"]))).text();
    const expected = [
      "<code>project:abc</code>",
      "Policy in force",
      "<code>/bin/sh</code>",
      "Permissions of the process: ",
      "--no-prompt",
      "What this machine holds tasks to",
      "a run wants it",
      "Nothing was measured yet.",
      'href="/logs?worker=worker-project-abc"',
      'href="/api/v1/workers/worker-project-abc/logs?download=1"',
    ];
    for (const text of expected) assert.ok(html.includes(text), text);
    assert.ok(!html.includes(`action="${PAGE}/stop"`), "who only looks gets no buttons");
  });
});

Deno.test("samples become charts that say in words what they show", async () => {
  await withSite(async (site) => {
    await withWorker(site);
    const { node } = site;
    for (const [rss, cpuMs] of [[50 * 2 ** 20, 0], [90 * 2 ** 20, 5_000]] as const) {
      // Two samples of one worker are ten seconds apart unless it was forgotten in between.
      node.workerHistory.forget("worker-project-abc");
      await node.db.write((tx) =>
        node.workerHistory.sample(tx, "worker-project-abc", { rss, cpuMs, activeTasks: 1 })
      );
      const before = node.db.now();
      while (node.db.now() === before) await Promise.resolve();
    }
    const html = await (await site.get(PAGE, await site.signIn(["admin"]))).text();
    assert.match(
      html,
      /role="img" aria-label="Memory: 50\.0 MiB to 90\.0 MiB, at the end 90\.0 MiB"/,
    );
    assert.match(html, /aria-label="CPU: [\d.]+ % to [\d.]+ %/);
    assert.ok(!html.includes(" style="), "nothing that the policy of content forbids");
  });
});

Deno.test("what a worker wrote and why it ended are text", async () => {
  await withSite(async (site) => {
    await withWorker(site);
    const { node } = site;
    await node.db.write((tx) => {
      node.workerHistory.append(tx, "worker-project-abc", {
        status: "crashed",
        reason: "it ended with <b>code 1</b>",
        pid: 4711,
        restarts: 3,
        lastLines: ["\x1b[31m<script>alert(1)</script>"],
      });
      node.logs.appendOfWorker(tx, "worker-project-abc", ["<i>oops</i>"]);
    });
    const html = await (await site.get(PAGE, await site.signIn(["admin"]))).text();
    assert.ok(html.includes("it ended with &lt;b>code 1&lt;/b>"));
    assert.ok(html.includes("Its last 1 line"));
    assert.ok(!html.includes("<script>alert") && !html.includes("<i>oops"));
    assert.ok(html.includes(`action="${PAGE}/restart"`));
  });
});
