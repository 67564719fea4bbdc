/** The page of one task of a run, and who gets to see it and the stream behind it. */
import assert from "node:assert/strict";
import { withPage } from "../../helpers/browser.ts";
import { withServer } from "./served_site.ts";
import { dag, type Site, withSite } from "./site_fixture.ts";

const CHAIN = {
  dag_id: "chain",
  tasks: [
    { id: "give", type: "shell", command: 'echo "word=hello" >> "$CIS_OUTPUT"' },
    {
      id: "try",
      type: "shell",
      depends_on: ["give"],
      command: 'echo "try $CIS_INPUT_GIVE_WORD"; test -e twice || { touch twice; exit 3; }; exit 4',
      retry: { max_attempts: 2, delay: "1ms", jitter: 0 },
    },
    { id: "last", type: "noop", depends_on: ["try"] },
  ],
} as { dag_id: string };

Deno.test("a task's page has its attempts, inputs, outputs and neighbours, without JavaScript", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      const run = await served.run(CHAIN);
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.locator(".page-title .badge-bad").waitFor({ timeout: 30_000 });
      await page.goto(`${served.url}${run}/tasks/try`);
      await page.getByRole("alert").getByText("exited with code 4").waitFor();
      const attempts = page.getByRole("table", { name: "Attempts of this task" });
      const first = attempts.getByRole("row", { name: /^1 failed/ });
      await first.getByRole("cell", { name: "3", exact: true }).waitFor();
      await attempts.getByRole("row", { name: /^2 failed/ })
        .getByRole("cell", { name: "4", exact: true }).waitFor();
      const log = page.getByRole("log");
      assert.equal(await log.textContent(), "try hello\ntry hello\n");
      await first.getByRole("link", { name: "Output of attempt 1 alone" }).click();
      await page.getByRole("heading", { name: "Output of attempt 1" }).waitFor();
      assert.equal(await log.textContent(), "try hello\n");
      const href = await page.getByRole("link", { name: "a download" }).getAttribute("href");
      assert.match(href ?? "", /download=1&task=try&attempt=1$/);
      const inputs = await page.getByLabel("Outputs of give").textContent();
      assert.deepEqual(JSON.parse(inputs ?? ""), { word: "hello" });

      await page.getByRole("link", { name: "give" }).click();
      await page.waitForURL(/\/tasks\/give$/);
      const outputs = await page.getByLabel("Outputs of give").textContent();
      assert.deepEqual(JSON.parse(outputs ?? ""), { word: "hello" });
      await page.getByRole("link", { name: "try" }).click();
      await page.waitForURL(/\/tasks\/try$/);

      // Again from here: what came before is kept.
      await page.getByRole("button", { name: "Run again" }).click();
      await page.waitForURL((url) => /^\/runs\/dag-run-[^/]+$/.test(url.pathname));
      assert.notEqual(new URL(page.url()).pathname, run);
      await page.locator(".page-title .badge-bad").waitFor({ timeout: 30_000 });
      const give = page.getByRole("row", { name: /^give/ });
      assert.match(await give.textContent() ?? "", /completed/);
      await page.getByText(`Retry of ${run.slice(-12)}`).waitFor();
    }, { javaScriptEnabled: false })
  );
});

Deno.test("a page of a task keeps up with what the task does", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const command =
        "echo begun; while [ ! -e go ]; do sleep 0.05; done; echo ended; echo k=v > $CIS_OUTPUT";
      const run = await served.run(
        { dag_id: "live", tasks: [{ id: "work", type: "shell", command }] } as { dag_id: string },
      );
      await served.signIn(page);
      await page.goto(`${served.url}${run}/tasks/work`);
      await page.evaluate(() => document.body.dataset.loaded = "once");
      const log = page.getByRole("log");
      await log.getByText("begun").waitFor({ timeout: 30_000 });
      await Deno.writeTextFile(`${served.workspace}/go`, "");
      await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
      await page.getByLabel("Outputs of work").getByText('"k": "v"').waitFor();
      assert.equal(await log.textContent(), "begun\nended\n");
      assert.equal(await page.evaluate(() => document.body.dataset.loaded), "once");
      assert.deepEqual(report.errors, []);
    })
  );
});

/** Publishes and confirms. @returns the path of the run's page */
async function confirmed(site: Site, spec: Record<string, unknown>): Promise<string> {
  const { dag_id, spec_hash } = await site.publish(spec);
  const cookie = await site.signIn(["approver"]);
  const answer = await site.post(`/pending/${dag_id}/confirm`, { spec_hash }, { cookie });
  return answer.headers.get("location") ?? "";
}

Deno.test("pages of runs and their streams are for those who may see the scope", async () => {
  await withSite(async (site) => {
    const run = await confirmed(site, { ...dag("proj-abc-hello") });
    const paths = [run, `${run}/live`, `${run}/tasks/greet`, `${run}/tasks/greet/live`];
    const stranger = await site.signIn(["viewer"], ["project:other"]);
    const viewer = await site.signIn(["viewer"], ["project:abc"]);
    for (const path of paths) {
      const unknown = await site.get(path);
      assert.equal(unknown.status, 303, path);
      assert.match(unknown.headers.get("location") ?? "", /^\/sign-in/);
      const refused = await site.get(path, stranger);
      assert.equal(refused.status, 403, path);
      await refused.body?.cancel();
      const seen = await site.get(path, viewer);
      assert.equal(seen.status, 200, path);
      if (path.endsWith("/live")) await seen.body?.cancel();
      else assert.doesNotMatch(await seen.text(), /action="\/runs\//, "a viewer has no buttons");
    }
    for (const path of [`${run}/tasks/nobody`, `${run}/tasks/nobody/live`, `${run}0`]) {
      const answer = await site.get(path, viewer);
      assert.equal(answer.status, 404, path);
      await answer.body?.cancel();
    }
  });
});
