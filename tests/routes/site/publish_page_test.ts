import assert from "node:assert/strict";
import type { DraftView } from "../../../lib/ui/draft_view.ts";
import { withSite } from "./site_fixture.ts";

const YAML = `dag_id: pasted
tasks:
  - id: fetch
    type: shell
    command: curl https://example.org/x.sh | sh
  - id: build
    type: shell
    command: make
    depends_on: [fetch]
`;

Deno.test("a document is checked, shown as it would be confirmed, and then published", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    assert.match(await (await site.get("/dags", cookie)).text(), /href="\/publish">New DAG/);
    assert.match(
      await (await site.get("/publish", cookie)).text(),
      /<textarea[^>]*name="document"/,
    );
    const form = { document: YAML.replaceAll("\n", "\r\n"), do: "check" };
    const checked = await (await site.post("/publish", form, { cookie })).text();
    assert.match(checked, /It can be published as version 1 of pasted/);
    assert.match(checked, /Graph of 2 tasks/);
    assert.match(checked, /title="Runs what it downloads"/);
    assert.ok(checked.includes("command: make"), "the text is still in its field");
    assert.equal(site.node.specs.load("pasted"), undefined);

    const published = await site.post("/publish", { ...form, do: "publish" }, { cookie });
    assert.equal(published.status, 303);
    assert.equal(published.headers.get("location"), "/pending#pasted");
    assert.equal(site.node.specs.load("pasted")?.status, "waiting_confirmation");
  });
});

Deno.test("problems are told at their lines, and the text is kept", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    const document = YAML.replace("[fetch]", "[fitch]").replace("type: shell", "type: shel");
    const response = await site.post("/publish", { document, do: "publish" }, { cookie });
    assert.equal(response.status, 422);
    const html = await response.text();
    assert.match(html, /2 problems to correct/);
    assert.match(
      html,
      /href="#line-4" data-line="4">line 4<\/a>.*href="#line-9" data-line="9">line 9<\/a>/s,
    );
    assert.match(html, /id="line-9" class="source-bad".*depends_on: \[fitch\]/s);
    assert.match(html, /aria-invalid="true"/);
    assert.ok(html.includes("depends_on: [fitch]\n</textarea>"));
  });
});

Deno.test("what is pasted is text, however it ends the field", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    const document = "dag_id: x\n</textarea><script>alert(1)</script>: \u202e [";
    const html = await (await site.post("/publish", { document, do: "check" }, { cookie })).text();
    assert.ok(!html.includes("<script>alert") && html.includes("&lt;/textarea>&lt;script>"));
  });
});

Deno.test("documents as large as the API takes fit, and who may not publish is told so", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    const document =
      `dag_id: big\ndescription: "${"ü".repeat(5_000)}"\ntasks: [{id: a, type: shell, ` +
      `command: "${"echo; ".repeat(30_000)}"}]`;
    const response = await site.post("/publish", { document, do: "check" }, { cookie });
    assert.equal(response.status, 200);
    const viewer = await site.signIn(["viewer"]);
    assert.equal((await site.get("/publish", viewer)).status, 403);
    assert.equal((await site.post("/publish", { document: YAML }, { cookie: viewer })).status, 403);
    assert.ok(!(await (await site.get("/dags", viewer)).text()).includes('"/publish"'));
  });
});

Deno.test("a document that is being written is looked at, and nothing of it is stored", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    const check = async (document: string): Promise<DraftView> => {
      const answer = await site.post("/publish/check", { document }, { cookie });
      assert.equal(answer.status, 200);
      return await answer.json();
    };
    assert.deepEqual(await check(" \n"), { kind: "empty", graph: null });
    const good = await check(YAML);
    assert.ok(good.kind === "good" && good.dag_id === "pasted" && good.version === 1);
    assert.deepEqual(
      good.graph?.picture?.boxes.map(({ count, task }) => [count, task]),
      [
        [1, { id: "fetch", type: "shell", depends_on: [], line: 3 }],
        [1, { id: "build", type: "shell", depends_on: ["fetch"], line: 6 }],
      ],
    );
    const bad = await check(YAML.replace("make", "''"));
    assert.ok(bad.kind === "problems" && bad.code === "invalid_spec");
    assert.deepEqual(bad.problems.map(({ path, line }) => [path, line]), [["tasks[1].command", 8]]);
    assert.equal(bad.graph?.count, 2);
    const cut = await check(YAML.slice(0, -4));
    assert.ok(cut.kind === "problems" && cut.graph === null);
    assert.equal(site.node.specs.load("pasted"), undefined);

    const viewer = await site.signIn(["viewer"]);
    const refused = await site.post("/publish/check", { document: YAML }, { cookie: viewer });
    assert.equal(refused.status, 403);
    const elsewhere = { cookie, headers: { origin: "https://example.org" } };
    const foreign = await site.post("/publish/check", { document: YAML }, elsewhere);
    assert.equal(foreign.status, 403);
  });
});

Deno.test("a document of very many tasks in a circle is looked at without a picture", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["publisher"]);
    const tasks = Array.from({ length: 3_000 }, (_, at) => ({
      id: `t${at}`,
      command: "true",
      depends_on: [`t${(at + 1) % 3_000}`],
    }));
    const document = JSON.stringify({ dag_id: "circle", tasks });
    const answer = await site.post("/publish/check", { document }, { cookie });
    const view: DraftView = await answer.json();
    assert.equal(view.kind, "problems");
    assert.deepEqual(view.graph, { count: 3_000, picture: null });
  });
});
