/** The pictures of the README, as a person would come to see them; kept beside those of all pages. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { createClient, dataOf } from "../../../lib/api/client.ts";
import { keepView, withPage } from "../../helpers/browser.ts";
import { type Served, withServer } from "./served_site.ts";

const step = (
  id: string,
  command: string,
  depends_on: readonly string[] = [],
  rest: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({ id, type: "shell", command, depends_on, ...rest });

const FLAKY = "test -e seen || { touch seen; sleep 0.3; echo 'no answer' >&2; exit 1; }; sleep 0.2";
const FIRST = {
  dag_id: "proj-shop-deploy",
  description: "Build, test and roll out the shop",
  schedule: { cron: "0 3 * * *", timezone: "UTC" },
  tasks: [
    step("fetch", "sleep 0.6; echo fetched", [], { name: "Get the sources" }),
    step("build-api", "sleep 0.5; echo built", ["fetch"], { rollback: ["sleep 0.3"] }),
    step("build-web", "sleep 1.2; echo built", ["fetch"], { rollback: ["sleep 0.2"] }),
    step("lint", "sleep 0.5", ["fetch"]),
    step("unit-tests", FLAKY, ["build-api"], { retry: { max_attempts: 2, delay: "300ms" } }),
    { id: "to-staging", type: "approval", depends_on: ["build-api", "build-web"] },
    step(
      "e2e-tests",
      "echo '41 checks'; sleep 0.8; printf 'Error: expected 200, got 502\\n    at checkout.test.ts:41\\n' >&2; exit 1",
      ["to-staging"],
    ),
    { id: "package", type: "noop", depends_on: ["unit-tests", "e2e-tests", "lint"] },
    step("roll-out", "echo out", ["package"]),
  ],
};
const SECOND = {
  ...FIRST,
  tasks: FIRST.tasks.map((task) =>
    task["id"] === "roll-out"
      ? {
        ...task,
        command: "rm -rf /srv/shop/old\nrsync -a dist/ /srv/shop/current\n" +
          "curl -fsS https://shop.example/health | sh",
      }
      : task
  ),
};
const WRITTEN = `dag_id: proj-shop-nightly
schedule: "0 3 * * *"
tasks:
  - id: dump
    type: shell
    command: pg_dump shop > shop.sql
  - id: check
    type: shell
    command: grep -c "COPY" shop.sql
    depends_on: [dump]
  - id: compress
    type: shell
    command: zstd -q shop.sql
    depends_on: [dump]
  - id: keep
    type: shell
    command: mv shop.sql.zst /srv/dumps/
    depends_on: [check, compres]
`;

/** Answers what the run asks, a moment later, as a person would. */
async function answer(served: Served, run: string): Promise<void> {
  const client = createClient({ baseUrl: served.url, token: served.token });
  const runId = run.slice("/runs/".length);
  const deadline = Date.now() + 30_000;
  let open = dataOf(await client.decisions({ run: runId, status: "open" })).decisions;
  while (open.length === 0) {
    assert.ok(Date.now() < deadline, "the run asks");
    await new Promise((resolve) => setTimeout(resolve, 50));
    open = dataOf(await client.decisions({ run: runId, status: "open" })).decisions;
  }
  // Long enough to be seen on the timeline: the wait is part of the picture.
  await new Promise((resolve) => setTimeout(resolve, 900));
  dataOf(await client.decide(open[0]?.decision_id ?? "", "approve", {}));
}

async function failedRun(served: Served, page: Page): Promise<void> {
  const run = await served.run(FIRST as { dag_id: string });
  await answer(served, run);
  await page.goto(served.url + run);
  await page.locator(".page-title .badge-bad").waitFor({ timeout: 30_000 });
  await page.getByRole("alert").getByText("Error: expected 200, got 502").waitFor();
  await page.locator(".span-person text").first().waitFor();
  await keepView(page, "readme-run");
}

Deno.test("the pictures of the README show a failed run, what waits, and a DAG that is written", async () => {
  const viewport = { width: 1280, height: 1250 };
  await withServer(async (served) => {
    await withPage(async (page) => {
      await served.signIn(page);
      await failedRun(served, page);
    }, { colorScheme: "dark", viewport });
    await served.publish(SECOND);
    await withPage(async (page) => {
      await served.signIn(page);
      await page.goto(`${served.url}/pending`);
      await page.getByText("2 places to look at twice").waitFor();
      await keepView(page, "readme-approval");
      await page.setViewportSize({ width: 1280, height: 840 });
      await page.goto(`${served.url}/publish`, { waitUntil: "networkidle" });
      await page.getByRole("textbox", { name: "Document" }).fill(WRITTEN);
      await page.getByText("1 problem to correct").waitFor();
      await page.getByRole("region", { name: "Graph of 4 tasks" }).waitFor();
      await keepView(page, "readme-new-dag");
    }, { colorScheme: "light", viewport });
  });
});
