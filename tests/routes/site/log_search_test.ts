import assert from "node:assert/strict";
import { packLines } from "../../helpers/pack_lines.ts";
import { dag, type Site, withSite } from "./site_fixture.ts";

/** Confirms a DAG and lets its task have written lines. @returns the run's id */
async function wrote(site: Site, dagId: string, texts: readonly string[]): Promise<string> {
  const { spec_hash } = await site.publish(dag(dagId));
  const cookie = await site.signIn(["approver"]);
  const response = await site.post(`/pending/${dagId}/confirm`, { spec_hash }, { cookie });
  const runId = (response.headers.get("location") ?? "").slice("/runs/".length);
  const from = { run_id: runId, task_id: "greet", attempt: 1, lease: "lease" };
  const lines = texts.map((text, at) => ({
    line: at + 1,
    time: Date.now(),
    stream: text.startsWith("!") ? "stderr" as const : "stdout" as const,
    text,
  }));
  await site.node.db.write((tx) => {
    for (const stretch of packLines(lines)) {
      site.node.logs.append(tx, "worker-global", { ...from, ...stretch });
    }
  });
  return runId;
}

Deno.test("what was found is shown with where it is from, coloured and marked, and as text", async () => {
  await withSite(async (site) => {
    const runId = await wrote(site, "hello", [
      "nothing of interest",
      "\x1b[32mneedle\x1b[0m <script>alert(1)</script>",
      "!a Needle went wrong",
    ]);
    const cookie = await site.signIn(["viewer"]);
    const html = await (await site.get("/logs?q=needle", cookie)).text();
    assert.match(html, /<span +class="ansi-green"><mark *>needle<\/mark><\/span>/);
    assert.match(html, /class="stderr"[^>]*>!a <mark *>Needle<\/mark> went wrong/);
    assert.ok(html.includes("&lt;script>") && !html.includes("<script>alert"));
    assert.ok(!html.includes("nothing of interest"));
    assert.ok(html.includes(`href="/runs/${runId}"`));
    assert.ok(html.includes(`href="/logs?run=${runId}&amp;task=greet&amp;attempt=1"`));
    assert.ok(html.includes('href="/workers/worker-global"'));
    assert.match(html, /name="q"[^>]*value="needle"/);
  });
});

Deno.test("lists of lines go on on the next page, and filters stay", async () => {
  await withSite(async (site) => {
    await wrote(site, "hello", Array.from({ length: 150 }, (_, at) => `line <${at}>`));
    const cookie = await site.signIn(["viewer"]);
    const first = await (await site.get("/logs?q=line&stream=stdout", cookie)).text();
    const next = /<a href="([^"]+)" rel="next">/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    assert.match(next, /^\/logs\?q=line&stream=stdout&cursor=/);
    const second = await (await site.get(next, cookie)).text();
    assert.ok(first.includes("&lt;149>") && !first.includes("&lt;49>"));
    assert.ok(second.includes("&lt;49>") && !second.includes("&lt;50>"));
  });
});

Deno.test("a search that can't be made keeps what was typed, and empty ones say what to do", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    assert.match(await (await site.get("/logs", cookie)).text(), /Nothing has been written yet/);
    assert.match(await (await site.get("/logs?q=x", cookie)).text(), /No line is like that/);
    const bad = await site.get("/logs?since=yesterday%22%3E", cookie);
    assert.equal(bad.status, 400);
    const html = await bad.text();
    assert.match(html, /Logs can't be searched like this/);
    assert.match(html, /name="since"[^>]*value="yesterday&quot;>"/);
    assert.equal((await site.get("/logs/download?attempt=x", cookie)).status, 400);
  });
});

Deno.test("a download has all that was found, and nothing of other scopes", async () => {
  await withSite(async (site) => {
    const texts = Array.from({ length: 1_200 }, (_, at) => `number ${at}`);
    const runId = await wrote(site, "hello", texts);
    await wrote(site, "proj-abc-x", ["number secret"]);
    const all = await site.get("/logs/download?q=number", await site.signIn(["viewer"]));
    assert.match(all.headers.get("content-disposition") ?? "", /attachment/);
    assert.equal(all.headers.get("x-content-type-options"), "nosniff");
    const lines = (await all.text()).trimEnd().split("\n");
    assert.equal(lines.length, 1_201);
    assert.ok(lines.at(-1)?.endsWith(` ${runId} greet#1 stdout number 0`));
    const limited = await site.signIn(["viewer"], ["global"]);
    const seen = await (await site.get("/logs/download?q=number+secret", limited)).text();
    assert.equal(seen, "");
  });
});
