/** Output on the page of a run in a real browser: much of it, searched, and over a restart of the node. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { withPage } from "../helpers/browser.ts";
import { publishAndConfirm, startNode } from "../helpers/node_process.ts";
import { withServer } from "../routes/site/served_site.ts";

const DEADLINE_MS = 60_000;
const FLOOD = 10_000;
/** Seconds of a processor that the page may take to show them: far less than they take to come. */
const MOST_WORK_SEC = 3;

/** Everything that is shown, as it was written. */
async function lines(page: Page): Promise<string[]> {
  const texts = await page.locator(".log-block > span").allTextContents();
  return texts.map((text) => text.trimEnd());
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `line ${at + 1}`);
}

function shell(id: string, command: string): { dag_id: string } {
  return { dag_id: id, tasks: [{ id: "write", type: "shell", command }] } as { dag_id: string };
}

Deno.test("ten thousand lines arrive once each, and the page answers meanwhile", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const wait = "while [ ! -e go ]; do sleep 0.05; done";
      const print = `i=1; while [ $i -le ${FLOOD} ]; do echo "line $i"; i=$((i+1)); done`;
      const run = await served.run(shell("flood", `${wait}; ${print}`));
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.getByText("have written nothing yet").waitFor();
      const cdp = await page.context().newCDPSession(page);
      // Time of the processor, and not of the clock: others may use the machine as well.
      await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
      const work = async (): Promise<number> => {
        const { metrics } = await cdp.send("Performance.getMetrics");
        return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
      };
      const before = await work();
      await Deno.writeTextFile(`${served.workspace}/go`, "");
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      await page.getByText(`line ${FLOOD}`, { exact: true }).waitFor({ timeout: DEADLINE_MS });
      const taken = await work() - before;
      assert.deepEqual(await lines(page), numbered(FLOOD));
      assert.ok(taken < MOST_WORK_SEC, `the page worked for ${taken.toFixed(1)} s`);
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("a node that is killed and started again leaves no gap on the page", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-restart-" });
  let node = await startNode(dataDir);
  const port = Number(new URL(node.url).port);
  try {
    await withPage(async (page, report) => {
      const count = 60;
      const print =
        `i=1; while [ $i -le ${count} ]; do echo "line $i"; sleep 0.1; i=$((i+1)); done`;
      const { run_id } = await publishAndConfirm(node.client, shell("restart", print));
      await page.goto(`${node.url}/sign-in`);
      await page.getByLabel("Token").fill(node.token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL(`${node.url}/`);
      await page.goto(`${node.url}/runs/${run_id}`);
      await page.evaluate(() => document.body.dataset.loaded = "once");
      await page.getByText("line 15", { exact: true }).waitFor({ timeout: DEADLINE_MS });
      await node.killHard();
      node = await startNode(dataDir, { port });
      await page.locator(".page-title .badge-good").waitFor({ timeout: DEADLINE_MS });
      assert.deepEqual(await lines(page), numbered(count));
      assert.equal(await page.evaluate(() => document.body.dataset.loaded), "once");
      // The browser notes what it could not reach; nothing else may have gone wrong.
      assert.deepEqual(report.errors.filter((text) => !/net::ERR_/.test(text)), []);
    });
  } finally {
    await node.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("output is searched on the page, coloured, and followed until somebody reads back", async () => {
  const print = String.raw`i=1; while [ $i -le 100 ]; do printf '\033[32mok\033[0m %d\n' $i; ` +
    "i=$((i+1)); done; echo broken >&2; while [ ! -e go ]; do sleep 0.05; done; echo the end";
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(shell("search", print));
      await served.signIn(page);
      await page.goto(served.url + run);
      const log = page.getByRole("log");
      await log.getByText("broken").waitFor({ timeout: DEADLINE_MS });
      const follow = page.getByRole("button", { name: "Follow" });
      assert.equal(await follow.getAttribute("aria-pressed"), "true");
      const distance = (): Promise<number> =>
        log.evaluate((box) => {
          const { scrollHeight, scrollTop, clientHeight } = box as unknown as Record<
            "scrollHeight" | "scrollTop" | "clientHeight",
            number
          >;
          return scrollHeight - scrollTop - clientHeight;
        });
      assert.ok(await distance() < 5);
      // Scrolling back ends it, and what comes then does not move what is read.
      await log.hover();
      await page.mouse.wheel(0, -500);
      await page.getByRole("button", { name: "Follow", pressed: false }).waitFor();
      await Deno.writeTextFile(`${served.workspace}/go`, "");
      await log.getByText("the end").waitFor({ state: "attached", timeout: DEADLINE_MS });
      assert.ok(await distance() > 100);

      await page.getByLabel("Search in the output").fill("OK 4");
      await page.getByText("11 lines found").waitFor();
      assert.deepEqual(
        await log.locator("mark").count(),
        0,
        "the colour ends within what is found",
      );
      await page.getByLabel("Search in the output").fill("brok");
      assert.equal(await log.locator("mark").textContent(), "brok");
      const stderr = log.locator(".stderr");
      const bar = await stderr.evaluate((line) =>
        (globalThis as unknown as {
          getComputedStyle(of: unknown): { borderLeftStyle: string; borderLeftColor: string };
        }).getComputedStyle(line).borderLeftColor
      );
      assert.notEqual(bar, "rgba(0, 0, 0, 0)", "stderr is told apart by a bar");
      await page.getByRole("button", { name: "Search all of it" }).click();
      await page.waitForURL(/\/logs\?run=dag-run-.*&q=brok$/);
      await page.locator("mark").getByText("brok").waitFor();
      assert.deepEqual(report.errors, []);
    })
  );
});
