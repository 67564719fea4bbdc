/** Moving about in a graph, in a real browser: by buttons, keys, wheel and mouse, and without script. */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { withPage } from "../helpers/browser.ts";
import { eventually } from "../helpers/eventually.ts";
import { type Served, withServer } from "../routes/site/served_site.ts";

/** A chain that is wider than any window of these tests. */
const CHAIN = {
  dag_id: "chain",
  tasks: Array.from({ length: 30 }, (_, at) => ({
    id: `step-${at}`,
    type: "noop",
    depends_on: at === 0 ? [] : [`step-${at - 1}`],
  })),
};

interface Seen {
  readonly frame: Locator;
  /** Width of the picture in pixels. */
  readonly width: () => Promise<number>;
  readonly scrolled: () => Promise<number>;
  readonly room: () => Promise<number>;
}

function seen(page: Page): Seen {
  const frame = page.getByRole("region", { name: "Graph of 30 tasks" });
  return {
    frame,
    width: () => frame.evaluate((box) => box.querySelector("svg")?.clientWidth ?? 0),
    scrolled: () => frame.evaluate((box) => box.scrollLeft),
    room: () => frame.evaluate((box) => box.clientWidth),
  };
}

/** A page with a graph that is an island of its own, and one within a larger island. */
async function pathsOf(served: Served): Promise<string[]> {
  const run = await served.run(CHAIN);
  await served.publish({ ...CHAIN, dag_id: "waits" });
  return ["/pending", run];
}

Deno.test("a graph is made larger, smaller and as wide as its frame by buttons and keys", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const paths = await pathsOf(served);
      await served.signIn(page);
      for (const path of paths) {
        await page.goto(served.url + path, { waitUntil: "networkidle" });
        const { frame, width, scrolled, room } = seen(page);
        const drawn = await width();
        assert.ok(drawn > 2 * await room(), `${path}: ${drawn}`);

        await page.getByRole("button", { name: "Larger" }).click();
        assert.ok(Math.abs(await width() / drawn - 1.25) < 0.01, path);
        await page.getByRole("button", { name: "Fit the width" }).click();
        assert.ok(await width() <= await room(), path);
        assert.ok(await width() > 0.9 * await room(), path);
        await frame.getByRole("link").last().waitFor();

        await frame.focus();
        await page.keyboard.press("0");
        assert.equal(await width(), drawn, path);
        await page.keyboard.press("-");
        assert.ok(Math.abs(await width() / drawn - 0.8) < 0.01, path);
        await page.keyboard.press("+");
        assert.equal(await width(), drawn, path);
        const before = await scrolled();
        await page.keyboard.press("ArrowRight");
        await eventually(async () => await scrolled() > before, "the arrow moves it");
      }
      assert.deepEqual(report.errors, []);
    }, { reducedMotion: "reduce" })
  );
});

Deno.test("the wheel with the control key keeps what is below it in its place", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const paths = await pathsOf(served);
      await served.signIn(page);
      for (const path of paths) {
        await page.goto(served.url + path, { waitUntil: "networkidle" });
        const { frame, width } = seen(page);
        await frame.scrollIntoViewIfNeeded();
        const drawn = await width();
        const box = frame.getByRole("link").nth(2);
        const before = await box.boundingBox();
        assert.ok(before !== null);
        const [x, y] = [before.x + before.width / 2, before.y + before.height / 2];
        await page.mouse.move(x, y);
        await page.mouse.wheel(0, 30);
        // What the wheel did is drawn by then.
        await page.evaluate(
          "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
        );
        assert.equal(await width(), drawn, `${path}: the wheel alone scrolls`);
        await page.evaluate("scrollTo(0, 0)");
        await frame.scrollIntoViewIfNeeded();
        const start = await box.boundingBox();
        assert.ok(start !== null);
        await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
        await page.keyboard.down("Control");
        await page.mouse.wheel(0, -100);
        await page.keyboard.up("Control");
        await eventually(async () => await width() > 1.2 * drawn, "it grows");
        const after = await box.boundingBox();
        assert.ok(after !== null);
        const moved = after.x + after.width / 2 - (start.x + start.width / 2);
        assert.ok(Math.abs(moved) < 4, `${path}: moved by ${moved}`);
      }
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("the mouse drags a graph, and what it is dragged by is not followed", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const paths = await pathsOf(served);
      await served.signIn(page);
      for (const path of paths) {
        await page.goto(served.url + path, { waitUntil: "networkidle" });
        const { frame, scrolled } = seen(page);
        await frame.scrollIntoViewIfNeeded();
        const place = await frame.getByRole("link").nth(2).boundingBox();
        assert.ok(place !== null);
        const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
        const url = page.url();
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.move(x - 60, y, { steps: 4 });
        await page.mouse.move(x - 200, y, { steps: 4 });
        await page.mouse.up();
        assert.ok(Math.abs(await scrolled() - 200) < 3, `${path}: ${await scrolled()}`);
        assert.equal(page.url(), url, path);
        await frame.getByRole("link").nth(3).click();
        await page.waitForURL(path === "/pending" ? /#task-waits-step-3$/ : /\/tasks\/step-3$/);
      }
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("two fingers make a graph larger, and not the page", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const [path = ""] = await pathsOf(served);
      await served.signIn(page);
      await page.goto(served.url + path, { waitUntil: "networkidle" });
      const { frame, width } = seen(page);
      await frame.scrollIntoViewIfNeeded();
      const drawn = await width();
      const place = await frame.boundingBox();
      assert.ok(place !== null);
      const y = place.y + 30;
      const touch = await page.context().newCDPSession(page);
      const fingers = (type: "touchStart" | "touchMove", apart: number): Promise<unknown> =>
        touch.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: [{ x: 150 - apart / 2, y, id: 0 }, { x: 150 + apart / 2, y, id: 1 }],
        });
      await fingers("touchStart", 50);
      for (const apart of [60, 80, 100]) await fingers("touchMove", apart);
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await eventually(async () => await width() > 1.5 * drawn, "it grows");
      assert.equal(await page.evaluate("visualViewport.scale"), 1);
      assert.deepEqual(report.errors, []);
    }, { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } })
  );
});

Deno.test("without JavaScript a graph scrolls, and shows no buttons that do nothing", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      const paths = await pathsOf(served);
      await served.signIn(page);
      for (const path of paths) {
        await page.goto(served.url + path);
        const { frame, width, room } = seen(page);
        assert.ok(await width() > await room(), path);
        assert.equal(await page.getByRole("button", { name: "Larger" }).count(), 0, path);
        await frame.getByRole("link").last().scrollIntoViewIfNeeded();
        assert.ok(await seen(page).scrolled() > 0, path);
      }
    }, { javaScriptEnabled: false })
  );
});
