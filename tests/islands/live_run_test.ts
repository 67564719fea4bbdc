/** The page of a run in a real browser: what happens is seen as it happens, on one page load. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { withPage } from "../helpers/browser.ts";
import { type Served, withServer } from "../routes/site/served_site.ts";

const DEADLINE_MS = 30_000;

/** Writes a line for each file that the test makes in its workspace, in order, and then ends. */
const STEPS = {
  dag_id: "steps",
  tasks: [{
    id: "steps",
    type: "deno",
    script: `export default async ({ log }) => {
      for (const step of ["one", "two", "three"]) {
        const watcher = Deno.watchFs(".");
        const isThere = () => Deno.stat(step).then(() => true, () => false);
        if (!await isThere()) for await (const _ of watcher) if (await isThere()) break;
        try { watcher.close(); } catch { /* the loop has closed it */ }
        for (let line = 1; line <= 20; line++) log(step + " " + line);
      }
      return { steps: 3 };
    }`,
  }, { id: "after", type: "noop", depends_on: ["steps"] }],
};

async function step(served: Served, name: string): Promise<void> {
  await Deno.writeTextFile(`${served.workspace}/${name}`, "");
}

/** Waits until the log holds a line. */
async function seen(page: Page, line: string): Promise<void> {
  const log = page.getByRole("log");
  await log.getByText(line, { exact: true }).waitFor({ timeout: DEADLINE_MS });
}

/** All lines that are shown. */
async function lines(page: Page): Promise<string[]> {
  return await page.locator(".log-block > span").allTextContents();
}

function expected(...steps: string[]): string[] {
  return steps.flatMap((name) => Array.from({ length: 20 }, (_, i) => `${name} ${i + 1}\n`));
}

/** Marks the page as loaded, so that a reload would show. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => document.body.dataset.loaded = "once");
}

async function assertNotReloaded(page: Page): Promise<void> {
  assert.equal(await page.evaluate(() => document.body.dataset.loaded), "once");
}

Deno.test("states and output of a run appear as they come, without a reload", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(STEPS);
      await served.signIn(page);
      await page.goto(served.url + run);
      await mark(page);
      const row = page.getByRole("row", { name: /^steps/ });
      await row.getByText("running").first().waitFor({ timeout: DEADLINE_MS });
      await step(served, "one");
      await seen(page, "one 20");
      await step(served, "two");
      await seen(page, "two 20");
      await step(served, "three");
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      await page.getByText("2 of 2 completed").waitFor();
      await page.getByRole("button", { name: "Run all of it again" }).waitFor();
      await seen(page, "three 20");
      assert.deepEqual(await lines(page), expected("one", "two", "three"));
      await assertNotReloaded(page);
      await page.getByRole("row", { name: /^steps/ }).getByRole("link", { name: "steps" }).click();
      await page.waitForURL(`${served.url}${run}/tasks/steps`);
      const outputs = await page.getByLabel("Outputs of steps").textContent();
      assert.deepEqual(JSON.parse(outputs ?? ""), { steps: 3 });
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("after the connection was cut nothing is lost and nothing doubled", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(STEPS);
      await served.signIn(page);
      await page.goto(served.url + run);
      await mark(page);
      await step(served, "one");
      await seen(page, "one 20");
      served.proxy.cut();
      await step(served, "two");
      await seen(page, "two 20");
      served.proxy.cut();
      served.proxy.cut();
      await step(served, "three");
      await seen(page, "three 20");
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      assert.deepEqual(await lines(page), expected("one", "two", "three"));
      await assertNotReloaded(page);
      // The browser notes the cut connections; nothing else may have gone wrong.
      const others = report.errors.filter((text) => !/net::ERR_/.test(text));
      assert.deepEqual(others, []);
    })
  );
});

Deno.test("a page in the background gives its connections back, and catches up", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(STEPS);
      await served.signIn(page);
      await page.goto(served.url + run);
      await mark(page);
      await step(served, "one");
      await seen(page, "one 20");
      const aborted = page.waitForEvent("requestfailed");
      await setHidden(page, true);
      await aborted;
      await step(served, "two");
      await setHidden(page, false);
      await seen(page, "two 20");
      await step(served, "three");
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      await seen(page, "three 20");
      assert.deepEqual(await lines(page), expected("one", "two", "three"));
      await assertNotReloaded(page);
      assert.deepEqual(report.errors, []);
    })
  );
});

/** A headless browser has no background: the page is told that it is there. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

Deno.test("a session that is over is said on the page, which stays as it was", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      const run = await served.run(STEPS);
      await served.signIn(page);
      await page.goto(served.url + run);
      await step(served, "one");
      await seen(page, "one 20");
      await page.context().clearCookies();
      served.proxy.cut();
      await page.getByText("This page is no longer kept up to date").waitFor({
        timeout: DEADLINE_MS,
      });
      assert.deepEqual(await lines(page), expected("one"));
    })
  );
});

Deno.test("the browser makes of a run exactly what the server drew", async () => {
  const spec = {
    dag_id: "mixed",
    description: "With attempts, an error and outputs",
    tasks: [
      { id: "good", type: "shell", command: "echo fine; echo k=v >> $CIS_OUTPUT" },
      {
        id: "bad",
        type: "shell",
        command: "echo oops >&2; exit 7",
        retry: { max_attempts: 2, delay: "1ms", jitter: 0 },
      },
      { id: "never", type: "noop", depends_on: ["bad"] },
    ],
  };
  await withServer(async (served) => {
    const run = await served.run(spec);
    const read = async (page: Page): Promise<string> => {
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.locator(".page-title .badge-bad").waitFor({ timeout: DEADLINE_MS });
      // Until the run has ended it is followed; what counts is a page that was made afterwards.
      await page.goto(served.url + run);
      await page.waitForLoadState("networkidle");
      const text = await page.locator("main").innerText();
      return text.replaceAll(/just now|\d+ (s|min) ago/g, "then");
    };
    let drawn = "";
    await withPage(async (page) => void (drawn = await read(page)), { javaScriptEnabled: false });
    assert.match(drawn, /task "bad" failed after 2 attempts: exited with code 7/);
    await withPage(async (page) => assert.equal(await read(page), drawn));
  });
});

Deno.test("without JavaScript the page of a run reloads itself until the run has ended", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      const run = await served.run(STEPS);
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.getByRole("link", { name: "Hold it still" }).waitFor();
      for (const name of ["one", "two", "three"]) await step(served, name);
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      await page.getByText("2 of 2 completed").waitFor();
      assert.deepEqual(await lines(page), expected("one", "two", "three"));
      assert.equal(await page.locator("noscript").count(), 0);
    }, { javaScriptEnabled: false })
  );
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  Deno.test(`a run is paused and resumed in the browser, ${how} JavaScript`, async () => {
    await withServer((served) =>
      withPage(async (page, report) => {
        const run = await served.run(STEPS);
        await served.signIn(page);
        await page.goto(served.url + run);
        const badge = page.locator(".page-title .badge");
        const press = (name: string): Promise<void> => page.getByRole("button", { name }).click();
        await press("Pause");
        await badge.getByText("paused").waitFor({ timeout: DEADLINE_MS });
        assert.equal(page.url(), served.url + run);
        for (const name of ["one", "two", "three"]) await step(served, name);
        await page.getByText("1 of 2 completed").waitFor({ timeout: DEADLINE_MS });
        assert.equal(await badge.textContent(), "paused", "nothing new starts");
        await press("Resume");
        await page.getByText("2 of 2 completed").waitFor({ timeout: DEADLINE_MS });
        assert.deepEqual(report.errors, []);
      }, { javaScriptEnabled })
    );
  });
}
