/** The page of a run that another node carries out: its output comes from there. */
import assert from "node:assert/strict";
import { withPage } from "../helpers/browser.ts";
import { NodeFleet } from "../helpers/node_fleet.ts";
import { publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";

Deno.test("output of a run on another node is shown as it comes, and when the run has ended", async () => {
  await using fleet = await NodeFleet.start(["n1", "n2"]);
  const here = fleet.get("n1");
  const command = "i=1; while [ $i -le 20 ]; do echo line $i; sleep 0.1; i=$((i+1)); done";
  await withPage(async (page, report) => {
    await page.goto(`${here.url}/sign-in`);
    await page.getByLabel("Token").fill(here.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${here.url}/`);
    const { run_id } = await publishAndConfirm(here.client, {
      dag_id: "far",
      target_node: "n2",
      tasks: [{ id: "write", type: "shell", command }],
    });
    const expected = Array.from({ length: 20 }, (_, at) => `line ${at + 1}\n`).join("");
    for (const path of ["", "", "/tasks/write"]) {
      await page.goto(`${here.url}/runs/${run_id}${path}`);
      await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
      await page.getByText("line 20", { exact: true }).waitFor({ timeout: 30_000 });
      assert.equal(await page.getByRole("log").textContent(), expected, path);
      await waitForEnd(here.client, run_id);
    }
    assert.deepEqual(report.errors, []);
  });
});
