/** The page of a run of five thousand tasks: as small and as quick to grasp as any other. */
import assert from "node:assert/strict";
import { withPage } from "../../helpers/browser.ts";
import { PAGE_TASKS } from "../../../lib/ui/run_page_view.ts";
import { withServer } from "./served_site.ts";

const COUNT = 5_000;
const MOST_BYTES = 400_000;
const MOST_ELEMENTS = 6_000;

/** One task fails, and those that depend on it are skipped. */
const LARGE = {
  dag_id: "large",
  tasks: Array.from({ length: COUNT }, (_, at) => {
    if (at === 4_321) return { id: `t${at}`, type: "shell", command: "echo no >&2; exit 3" };
    return { id: `t${at}`, type: "noop", depends_on: at % 10 === 2 && at > 4_321 ? ["t4321"] : [] };
  }),
};

Deno.test("a run of 5,000 tasks has a small page with the cause at its top", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(LARGE);
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.locator(".page-title .badge-bad").waitFor({ timeout: 60_000 });
      const response = await page.goto(served.url + run);
      const { length } = await response?.body() ?? { length: Infinity };
      assert.ok(length < MOST_BYTES, `${length} bytes`);
      const elements = await page.locator("*").count();
      assert.ok(elements < MOST_ELEMENTS, `${elements} elements`);

      await page.getByRole("alert").getByText("exited with code 3").first().waitFor();
      await page.getByRole("alert").getByText("no", { exact: true }).waitFor();
      const table = page.getByRole("table", { name: "Tasks of this run" });
      assert.equal(await table.getByRole("row").count(), PAGE_TASKS + 1);
      await page.getByText(`1 to ${PAGE_TASKS} of ${COUNT} tasks`).waitFor();
      await page.getByRole("link", { name: "Next page" }).click();
      await table.getByRole("link", { name: `t${PAGE_TASKS}`, exact: true }).waitFor();

      await page.getByRole("navigation", { name: "Tasks by state" })
        .getByRole("link", { name: "failed 1" }).click();
      await table.getByRole("link", { name: "t4321", exact: true }).waitFor();
      assert.equal(await table.getByRole("row").count(), 2);
      await page.getByRole("link", { name: /^all/ }).click();
      await page.getByLabel("Find a task").fill("t499");
      await page.getByRole("button", { name: "Find", exact: true }).click();
      await table.getByRole("link", { name: "t4999", exact: true }).waitFor();
      assert.equal(await table.getByRole("row").count(), 11 + 1);
      await page.getByRole("alert").getByRole("link", { name: "See what t4321 did" }).click();
      await page.getByRole("heading", { name: "Task t4321" }).waitFor();
      assert.deepEqual(report.errors, []);
    })
  );
});
