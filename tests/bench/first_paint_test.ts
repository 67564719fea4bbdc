/** The benchmark of pages has to work under their own policy, which lets no text be evaluated. */
import assert from "node:assert/strict";
import { withPage } from "../helpers/browser.ts";
import { withServer } from "../routes/site/served_site.ts";
import { firstPaint } from "./first_paint.ts";

Deno.test("the first paint is measured under the policy of the pages", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await served.signIn(page);
      const answer = await page.goto(`${served.url}/runs`);
      const policy = await answer?.headerValue("content-security-policy") ?? "";
      assert.match(policy, /script-src/);
      const paint = await firstPaint(page);
      assert.ok(paint > 0 && paint < 10_000, `${paint} ms`);
      assert.deepEqual(report.errors, []);
    })
  );
});
