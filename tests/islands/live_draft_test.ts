/** Writing a new DAG in a real browser: what is wrong and the graph appear meanwhile. */
import assert from "node:assert/strict";
import { withPage } from "../helpers/browser.ts";
import { withServer } from "../routes/site/served_site.ts";

const START = "dag_id: typed\ntasks:\n  - {id: fetch, command: ls}\n";
const MORE = `${START}  - {id: build, command: make, depends_on: [fetch]}\n`;

Deno.test("problems at their lines and the graph appear while a DAG is written", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await served.signIn(page);
      await page.goto(`${served.url}/publish`, { waitUntil: "networkidle" });
      const field = page.getByRole("textbox", { name: "Document" });
      await page.getByText("Problems and the graph appear here while you write.").waitFor();
      await field.fill(MORE);
      await page.getByText("It can be published as version 1 of typed").waitFor();
      const graph = page.getByRole("region", { name: "Graph of 2 tasks" });
      await graph.getByRole("link", { name: "build, shell, after fetch" }).waitFor();

      // In the middle of a word the graph stays, and what is wrong is said.
      await field.press("Control+End");
      await page.keyboard.type("  - {id: test, depends_on: [buil");
      await page.getByText(/\d problems? to correct/).waitFor();
      await page.getByText("As it was before the last change").waitFor();
      await graph.waitFor();
      await page.keyboard.type("], command: make test}");
      const problem = page.getByRole("status").getByText('there is no task "buil"').first();
      await problem.waitFor();
      const larger = page.getByRole("region", { name: "Graph of 3 tasks" });
      await larger.getByRole("link", { name: "test, shell" }).waitFor();
      assert.equal(await field.getAttribute("aria-invalid"), "true");

      // What names a line leads to it.
      await page.getByRole("link", { name: "line 5" }).click();
      const selected = (): Promise<string> =>
        field.evaluate((box) => {
          const { value, selectionStart, selectionEnd } = box as HTMLTextAreaElement;
          return value.slice(selectionStart, selectionEnd);
        });
      assert.match(await selected(), /^ {2}- \{id: test/);
      await larger.getByRole("link", { name: "fetch, shell" }).click();
      assert.equal(await selected(), "  - {id: fetch, command: ls}");

      await field.fill(`${MORE}  - {id: test, depends_on: [build], command: make test}\n`);
      await page.getByText("It can be published as version 1 of typed").waitFor();
      await larger.getByRole("link", { name: "test, shell, after build" }).waitFor();
      assert.equal(served.node.specs.load("typed"), undefined);
      assert.deepEqual(report.errors, []);
      await page.getByRole("button", { name: "Publish" }).click();
      await page.waitForURL(`${served.url}/pending#typed`);
    })
  );
});

Deno.test("what was checked in full is shown until its text is another one", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await served.signIn(page);
      await page.goto(`${served.url}/publish`, { waitUntil: "networkidle" });
      const field = page.getByRole("textbox", { name: "Document" });
      await field.fill(MORE);
      await page.getByRole("button", { name: "Check" }).click();
      const full = page.getByRole("heading", { name: "What would be confirmed" });
      await full.waitFor();
      await page.getByLabel("Command of build").getByText("make").waitFor();
      await page.waitForLoadState("networkidle");
      await field.press("Control+End");
      await page.keyboard.type("#");
      await full.waitFor({ state: "detached" });
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("who was signed out keeps the text and is told that it isn't checked", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      await served.signIn(page);
      await page.goto(`${served.url}/publish`, { waitUntil: "networkidle" });
      await page.context().clearCookies();
      const field = page.getByRole("textbox", { name: "Document" });
      await field.fill(START);
      await page.getByRole("alert").getByText("could not be checked").waitFor();
      assert.equal(await field.inputValue(), START);
      await page.context().request.get(served.link());
      await field.fill(MORE);
      await page.getByText("It can be published as version 1 of typed").waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
    })
  );
});

Deno.test("what is written is text, also in the graph", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await served.signIn(page);
      await page.goto(`${served.url}/publish`, { waitUntil: "networkidle" });
      const evil = `<img src=x onerror="document.title='ran'">`;
      await page.getByRole("textbox", { name: "Document" }).fill(
        JSON.stringify({ dag_id: evil, tasks: [{ id: evil }, { id: "\u202eb", type: evil }] }),
      );
      await page.getByRole("region", { name: "Graph of 2 tasks" }).waitFor();
      assert.equal(await page.locator("main img").count(), 0);
      assert.notEqual(await page.title(), "ran");
      const text = await page.locator(".draft .column").innerText();
      assert.ok(!text.includes("\u202e"), text);
      assert.deepEqual(report.errors, []);
    })
  );
});
