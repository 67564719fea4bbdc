/** Every page in a real browser: rules for accessibility, widths, both schemes, keyboard, no script. */
import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { keepPicture, withPage } from "../../helpers/browser.ts";
import { type Served, withServer } from "./served_site.ts";

const RELEASE = {
  dag_id: "proj-abc-release",
  schedule: { cron: "0 3 * * *", timezone: "UTC" },
  tasks: [
    {
      id: "build",
      type: "shell",
      command: "printf '\\033[32mok\\033[0m needle\\n'; echo oops >&2",
    },
    { id: "test", type: "shell", command: "exit 3", depends_on: ["build"] },
  ],
};
const CHANGED = {
  ...RELEASE,
  tasks: [
    { ...RELEASE.tasks[0], command: "rm -rf dist\ncurl https://example.org/x | sh" },
    { id: "notify", type: "http", request: { url: "https://example.org" }, depends_on: ["build"] },
  ],
};

/** A node on which something of each kind has happened. @returns the paths of all pages */
async function everything(served: Served): Promise<string[]> {
  const run = await served.run(RELEASE);
  const asks = await served.run({
    dag_id: "asks",
    tasks: [{ id: "gate", type: "approval" }, { id: "after", type: "noop", depends_on: ["gate"] }],
  } as { dag_id: string });
  await served.publish(CHANGED);
  const headers = { authorization: `Bearer ${served.token}`, "content-type": "application/json" };
  const body = JSON.stringify({ value: "a value of a test" });
  const init = { method: "PUT", headers, body };
  await (await fetch(`${served.url}/api/v1/secrets/API_KEY`, init)).body?.cancel();
  await ended(served, run);
  return [
    ...["/", "/pending", "/decisions", "/dags", "/dags/proj-abc-release", "/publish", "/runs", run],
    ...[`${run}/tasks/build`, `${run}/tasks/test?attempt=1`, asks, `${asks}/tasks/gate`],
    ...["/workers", "/workers/worker-project-abc", "/logs?q=o", "/logs?since=x"],
    ...["/settings", "/settings/tokens", "/settings/secrets", "/settings/audit", "/no/such"],
  ];
}

/** A name of a file for a page by its place among all; ids that differ each time are left out. */
function nameOf(path: string, at: number): string {
  const name = path.replace(/dag-run-[-0-9a-f]+/, "run").replaceAll(/[^a-z0-9]+/g, "-");
  return `-${String(at).padStart(2, "0")}${name === "-" ? "-overview" : name}`;
}

async function ended({ node }: Served, run: string): Promise<void> {
  const runId = run.slice("/runs/".length);
  const deadline = Date.now() + 30_000;
  while (node.runs.load(runId)?.status !== "failed") {
    assert.ok(Date.now() < deadline, "the run ends");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What axe finds wrong with the page, one line for each place. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.Result[]>(
    `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
      .then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
  );
}

/** Tables that have to be scrolled sideways, and cells that don't say what they are. */
function tableFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll("table")].flatMap((table) => {
    const box = table.closest(".scroll");
    const wide = [...table.querySelectorAll("tr, th, td"), table, box].filter((part) =>
      part.closest("thead") === null && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
    ).map((part) => part.outerHTML.slice(0, 120) + " is too wide: " + part.scrollWidth);
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent);
    const wrong = [...table.querySelectorAll("tbody tr")].flatMap((row) =>
      [...row.children].filter((cell, at) =>
        cell.localName === "td" && cell.dataset.label !== heads[at]
      ).map((cell) => cell.outerHTML.slice(0, 120) + " has another head")
    );
    const bare = [...table.querySelectorAll("tbody td")].filter((cell) =>
      cell.dataset.label !== "" && cell.clientHeight > 0 &&
      getComputedStyle(cell, "::before").content !== JSON.stringify(cell.dataset.label)
    ).map((cell) => cell.outerHTML.slice(0, 120) + " doesn't say what it is");
    return [...wide, ...wrong, ...bare];
  })`);
}

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(`every page keeps the rules for accessibility in the ${colorScheme} scheme`, async () => {
    await withServer(async (served) => {
      const paths = await everything(served);
      await withPage(async (page) => {
        await page.goto(`${served.url}/sign-in`);
        assert.deepEqual(await violations(page), [], "/sign-in");
        await served.signIn(page);
        for (const [at, path] of paths.entries()) {
          await page.goto(served.url + path);
          assert.deepEqual(await violations(page), [], path);
          await keepPicture(page, `${colorScheme}${nameOf(path, at)}`);
        }
      }, { colorScheme });
    });
  });
}

Deno.test("every page fits a narrow telephone and a wide desk, in both languages", async () => {
  await withServer(async (served) => {
    const paths = await everything(served);
    for (const locale of ["en", "zh-CN"]) {
      await withPage(async (page) => {
        await served.signIn(page);
        for (const [at, path] of paths.entries()) {
          await page.goto(served.url + path);
          for (const width of [360, 2560]) {
            await page.setViewportSize({ width, height: 800 });
            const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
            assert.ok(wide <= width, `${path} is ${wide} wide in a window of ${width}, ${locale}`);
            if (width === 360) assert.deepEqual(await tableFaults(page), [], `${path}, ${locale}`);
            if (width === 360) await keepPicture(page, `narrow-${locale}${nameOf(path, at)}`);
          }
        }
      }, { locale });
    }
  });
});

Deno.test("without JavaScript a DAG is checked, published, read and confirmed, by keyboard alone", async () => {
  await withServer(async (served) => {
    await withPage(async (page) => {
      await served.signIn(page);
      await page.goto(`${served.url}/publish`);
      await page.getByRole("textbox", { name: "Document" }).focus();
      await page.keyboard.insertText("dag_id: typed\ntasks: [{id: a, type: shel, command: ls}]");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "line 2" }).waitFor();
      await page.getByRole("textbox", { name: "Document" }).fill(
        "dag_id: typed\ntasks: [{id: a, command: ls}]",
      );
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(`${served.url}/pending#typed`);
      const confirm = page.getByRole("button", { name: "Confirm and run" });
      for (let step = 0; step < 60; step++) {
        if (await confirm.evaluate((button) => button.matches(":focus"))) break;
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/runs\/dag-run-/);
    }, { javaScriptEnabled: false });
  });
});

Deno.test("what goes on in the browser goes on in the language of the page", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await served.signIn(page);
      const path = await served.run({
        dag_id: "slow",
        tasks: [{ id: "a", type: "shell", command: "sleep 1; echo done" }],
      } as { dag_id: string });
      await page.goto(served.url + path);
      await page.getByRole("heading", { name: "slow 的运行" }).waitFor();
      await page.locator(".page-title").getByText("已完成").waitFor({ timeout: 30_000 });
      const text = await page.locator("main").innerText();
      assert.ok(text.includes("已完成 1 / 1") && !text.includes("Depends on"), text);
      await served.publish({ dag_id: "waits", tasks: [{ id: "a", type: "noop" }] });
      await page.goto(`${served.url}/pending`);
      await page.getByRole("timer").getByText("后过期").waitFor();
      assert.deepEqual(report.errors, []);
    }, { locale: "zh-CN" });
  });
});

Deno.test("a box of the graph leads to its task", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await served.publish(CHANGED);
      await served.signIn(page);
      await page.goto(`${served.url}/pending`);
      await page.getByRole("link", { name: "notify, http, after build" }).click();
      await page.waitForURL(/#task-proj-abc-release-notify$/);
      assert.ok(await page.locator("#task-proj-abc-release-notify").isVisible());
      assert.deepEqual(report.errors, []);
    });
  });
});
