/** What a page costs to load, and what it lets run: measured in a real browser on the heaviest one. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Response as BrowserResponse } from "playwright-core";
import { withPage } from "../../helpers/browser.ts";
import { withServer } from "./served_site.ts";

/** All JavaScript of a page, compressed, in bytes. */
const MOST_SCRIPT = 60_000;

const HEAVY = {
  dag_id: "heavy",
  tasks: Array.from({ length: 60 }, (_, at) => ({
    id: `t${at}`,
    type: at === 59 ? "approval" : "noop",
    depends_on: at < 10 ? [] : [`t${at - 10}`],
  })),
};

Deno.test("the JavaScript of pages with islands stays small, and comes from this node alone", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(HEAVY);
      await served.signIn(page);
      await served.publish({ ...HEAVY, dag_id: "waits" });
      for (const path of [run, `${run}/tasks/t59`, "/pending", "/publish", "/runs"]) {
        const answers: BrowserResponse[] = [];
        const note = (answer: BrowserResponse): void => void answers.push(answer);
        page.on("response", note);
        await page.goto(served.url + path);
        await page.waitForTimeout(300);
        page.off("response", note);
        const scripts = answers.filter((answer) => new URL(answer.url()).pathname.endsWith(".js"));
        const bodies = await Promise.all(scripts.map((script) => script.body()));
        const inline = await page.locator("script:not([src])").allTextContents();
        const bytes = [...bodies, ...inline.map((text) => new TextEncoder().encode(text))]
          .reduce((sum, body) => sum + gzipSync(body).length, 0);
        assert.ok(bytes > 1_000, `${path} has its islands`);
        assert.ok(bytes < MOST_SCRIPT, `${path}: ${bytes} bytes of JavaScript`);
        const elsewhere = answers.map((answer) => answer.url())
          .filter((url) => !url.startsWith(served.url));
        assert.deepEqual(elsewhere, [], path);
      }
      assert.deepEqual(report.errors, []);
    })
  );
});

Deno.test("pages of runs let nothing inline run but what the server wrote, by nonce", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      const run = await served.run(HEAVY);
      await served.signIn(page);
      const nonces = new Set<string>();
      for (const path of [run, run, `${run}/tasks/t1`]) {
        const answer = await page.goto(served.url + path);
        const policy = await answer?.headerValue("content-security-policy") ?? "";
        assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
        const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
        assert.ok(nonce.length >= 16, policy);
        nonces.add(nonce);
        assert.equal(await page.locator("[style], [onclick], [onload], [onerror]").count(), 0);
      }
      assert.equal(nonces.size, 3, "a nonce is used once");
      assert.deepEqual(report.errors, []);
      // What comes into the page some other way does not run.
      await page.evaluate(() => {
        const { document } = globalThis as unknown as {
          document: {
            createElement(name: string): { textContent: string };
            body: { append(node: unknown): void };
          };
        };
        const script = document.createElement("script");
        script.textContent = "document.title = 'ran'";
        document.body.append(script);
      });
      assert.notEqual(await page.title(), "ran");
      assert.match(report.errors.join(), /Content Security Policy/);
    })
  );
});

Deno.test("a run is confirmed, watched and looked into by keyboard alone", async () => {
  await withServer((served) =>
    withPage(async (page, report) => {
      await served.publish({
        dag_id: "keys",
        tasks: [{ id: "say", type: "shell", command: "echo spoken" }, {
          id: "after",
          type: "noop",
          depends_on: ["say"],
        }],
      });
      const tabTo = async (name: string | RegExp, role: "button" | "link"): Promise<void> => {
        const wanted = page.getByRole(role, { name }).first();
        await wanted.waitFor();
        for (let step = 0; step < 100; step++) {
          if (await wanted.evaluate((element) => element.matches(":focus"))) break;
          await page.keyboard.press("Tab");
        }
        await page.keyboard.press("Enter");
      };
      await page.goto(`${served.url}/sign-in`);
      await page.getByLabel("Token").focus();
      await page.keyboard.insertText(served.token);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${served.url}/`);
      await tabTo("Waiting", "link");
      await page.waitForURL(/\/pending/);
      await tabTo("Confirm and run", "button");
      await page.waitForURL(/\/runs\/dag-run-/);
      await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
      await tabTo("say, completed", "link");
      await page.waitForURL(/\/tasks\/say$/);
      await page.getByRole("log").getByText("spoken").waitFor();
      assert.deepEqual(report.errors, []);
    })
  );
});
