import assert from "node:assert/strict";
import { dag, type Site, withSite } from "./site_fixture.ts";

async function confirmed(site: Site, spec: Record<string, unknown>): Promise<void> {
  const { dag_id, spec_hash } = await site.publish(spec);
  const cookie = await site.signIn(["approver"]);
  await site.post(`/pending/${dag_id}/confirm`, { spec_hash }, { cookie });
}

Deno.test("the last runs of a DAG are a strip of shapes that say what they are", async () => {
  await withSite(async (site) => {
    const skill = {
      dag_id: "fails",
      tasks: [{ id: "x", type: "skill", skill: "none", params: {} }],
    };
    await confirmed(site, skill);
    const cookie = await site.signIn(["approver"]);
    for (let run = 0; run < 34; run++) await site.post("/dags/fails/run", {}, { cookie });
    const html = await (await site.get("/dags/fails", cookie)).text();
    const strip = /<ol class="strip" aria-label="The last 30 runs[^"]*">(.*?)<\/ol>/s.exec(html)
      ?.[1];
    assert.ok(strip !== undefined);
    assert.equal(strip.match(/class="strip-bad"/g)?.length, 30);
    assert.match(strip, /title="failed, [^"]+" aria-label="failed, /);
    assert.match(html, /href="\/runs\?dag_id=fails">All its runs/);
  });
});

Deno.test("two versions are compared: the last two, or those that the address names", async () => {
  await withSite(async (site) => {
    for (const command of ["echo one", "echo two", "echo three"]) {
      await site.publish(dag("hello", command));
    }
    const cookie = await site.signIn(["viewer"]);
    const html = await (await site.get("/dags/hello", cookie)).text();
    assert.match(html, /Changes from version 2 to 3.*echo two.*echo three/s);
    const other = await (await site.get("/dags/hello?from=1&to=3", cookie)).text();
    assert.match(other, /Changes from version 1 to 3.*diff-removed.{0,150}echo one/s);
    assert.match(other, /<option[^>]*value="1"[^>]*selected/);
    assert.equal((await site.get("/dags/hello?from=x", cookie)).status, 400);
    assert.equal((await site.get("/dags/hello?from=7&to=9", cookie)).status, 404);
    await site.publish(dag("once"));
    assert.ok(!(await (await site.get("/dags/once", cookie)).text()).includes("Changes from"));
  });
});

Deno.test("a schedule shows its next times and is switched by approvers", async () => {
  await withSite(async (site) => {
    await confirmed(site, { ...dag("nightly"), schedule: { cron: "0 3 * * *", timezone: "UTC" } });
    const approver = await site.signIn(["approver"]);
    const html = await (await site.get("/dags/nightly", approver)).text();
    assert.match(html, /0 3 \* \* \*<\/code> <span class="quiet">UTC/);
    assert.ok((html.match(/ 03:00:00Z<\/time>/g)?.length ?? 0) >= 3);
    const off = await site.post("/dags/nightly/schedule", { enabled: "no" }, { cookie: approver });
    assert.equal(off.headers.get("location"), "/dags/nightly#schedule");
    assert.match(
      await (await site.get("/dags/nightly", approver)).text(),
      /It is switched off.*Switch on/s,
    );
    const viewer = await site.signIn(["viewer"]);
    assert.ok(!(await (await site.get("/dags/nightly", viewer)).text()).includes("Switch on"));
    const refused = await site.post("/dags/nightly/schedule", { enabled: "yes" }, {
      cookie: viewer,
    });
    assert.equal(refused.status, 403);
  });
});

Deno.test("pages of DAGs are Chinese for who reads Chinese", async () => {
  await withSite(async (site) => {
    await confirmed(site, dag("hello"));
    await site.publish(dag("hello", "echo again"));
    const cookie = `${await site.signIn(["approver"])}; cis_language=zh`;
    const page = async (path: string): Promise<string> =>
      await (await site.get(path, cookie)).text();
    assert.match(await page("/dags/hello"), /版本 2 等待确认.*版本 1 到 2 的变化/s);
    assert.match(await page("/pending"), /自上次确认的版本 1 以来的变化.*确认并运行/s);
    assert.match(await page("/dags"), /每个 DAG 的最新版本/);
  });
});
