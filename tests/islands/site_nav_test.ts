/** How much waits, while a page stays open in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { withPage } from "../helpers/browser.ts";
import { withServer } from "../routes/site/served_site.ts";

const DAG = { dag_id: "hello", tasks: [{ id: "greet", type: "noop" }] };

function iconOf(page: Page): Promise<string | null> {
  return page.locator("link[rel=icon]").getAttribute("href");
}

Deno.test("icon, title and navigation follow what waits, and the icon can be drawn", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await page.clock.install();
      await served.signIn(page);
      await page.goto(`${served.url}/runs`, { waitUntil: "networkidle" });
      const nav = page.getByRole("navigation", { name: "Main" });
      assert.equal(await page.title(), "Runs · CIS");
      assert.equal(await iconOf(page), "/favicon/0");
      assert.equal(await nav.locator(".count").count(), 0);

      await served.publish(DAG);
      await page.clock.fastForward(6_000);
      await nav.getByRole("link", { name: /^Waiting ?1$/ }).waitFor();
      assert.equal(await page.title(), "(1) Runs · CIS");
      assert.equal(await iconOf(page), "/favicon/1");

      await served.publish({ ...DAG, dag_id: "again" });
      await page.clock.fastForward(6_000);
      await nav.getByRole("link", { name: /^Waiting ?2$/ }).waitFor();
      assert.equal(await page.title(), "(2) Runs · CIS");
      const drawn = await page.evaluate<number>(`new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve(image.naturalWidth);
        image.onerror = () => reject(new Error("no picture"));
        image.src = document.querySelector("link[rel=icon]").href;
      })`);
      assert.ok(drawn > 0);

      // What is over is taken away again.
      for (const id of ["hello", "again"]) await served.run({ ...DAG, dag_id: id });
      await page.clock.fastForward(6_000);
      await nav.locator(".count").waitFor({ state: "detached" });
      assert.equal(await page.title(), "Runs · CIS");
      assert.equal(await iconOf(page), "/favicon/0");
      assert.deepEqual(report.errors, []);
    })
  );
});
