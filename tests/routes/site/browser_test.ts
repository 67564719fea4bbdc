/** The pages in a real browser, without a line of JavaScript. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { withPage } from "../../helpers/browser.ts";
import { withServer } from "./served_site.ts";

const HELLO = {
  dag_id: "hello",
  description: "Two tasks, one handing its outputs to the other",
  tasks: [
    {
      id: "greet",
      type: "shell",
      command: 'echo "a greeting"\necho "greeting=Hello" >> "$CIS_OUTPUT"\necho oops >&2',
    },
    {
      id: "answer",
      type: "shell",
      depends_on: ["greet"],
      command: 'echo "message=$CIS_INPUT_GREET_GREETING, world!" >> "$CIS_OUTPUT"',
    },
  ],
};

/** Fails when a page is wider than its window. */
async function assertFits(page: Page): Promise<void> {
  const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
  const window = await page.evaluate<number>("document.documentElement.clientWidth");
  assert.ok(wide <= window, `${page.url()} is ${wide} wide in a window of ${window}`);
}

Deno.test("a link signs in, and what waits is read and confirmed", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await served.publish(HELLO);
      await page.goto(served.link());
      await page.waitForURL(`${served.url}/`);
      assert.equal(await page.title(), "(1) Overview · CIS");
      await page.getByRole("link", { name: "hello version 1" }).click();
      await page.waitForURL(`${served.url}/pending#hello`);
      const shown = await page.getByLabel("Command of greet").textContent();
      assert.equal(shown, HELLO.tasks[0]?.command);
      await page.getByRole("button", { name: "Confirm and run" }).click();
      await page.waitForURL(/\/runs\/dag-run-/);
      assert.equal(await page.title(), "Run of hello · CIS");
      assert.equal(served.node.specs.load("hello")?.status, "confirmed");
      assert.deepEqual(report.errors, []);
    });
  });
});

Deno.test("a rejection in the browser keeps its reason", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await served.publish(HELLO);
      await page.goto(`${served.url}/pending`);
      await page.getByLabel("Token").fill(served.token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL(`${served.url}/pending`);
      await page.getByLabel("Why not?").fill("Not on a Friday");
      await page.getByRole("button", { name: "Reject" }).click();
      await page.waitForURL(`${served.url}/dags/hello`);
      await page.getByRole("alert").getByText("Not on a Friday").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(`${served.url}/sign-in`);
      assert.deepEqual(report.errors, []);
    });
  });
});

Deno.test("links in another site sign in, and find who is signed in", async () => {
  await withServer(async (served) => {
    const elsewhere = (): Response =>
      new Response(
        `<a href="${served.link()}">in</a> <a href="${served.url}/pending?x=1#hello">see</a>`,
        { headers: { "content-type": "text/html" } },
      );
    const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, elsewhere);
    try {
      await withPage(async (page) => {
        await served.publish(HELLO);
        // "localhost" is another site than "127.0.0.1".
        const chat = `http://localhost:${other.addr.port}/`;
        await page.goto(chat);
        await page.getByRole("link", { name: "in" }).click();
        await page.getByRole("heading", { name: "Overview" }).waitFor();
        await page.goto(chat);
        await page.getByRole("link", { name: "see" }).click();
        await page.getByRole("button", { name: "Confirm and run" }).waitFor();
        assert.equal(new URL(page.url()).pathname, "/pending");
      });
    } finally {
      await other.shutdown();
    }
  });
});

Deno.test("every page fits a narrow telephone", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await page.setViewportSize({ width: 360, height: 740 });
      const long = "x".repeat(250);
      await served.publish({
        dag_id: `proj-abc-${"d".repeat(110)}`,
        description: long,
        tasks: [{ id: "t".repeat(120), name: long, type: "shell", command: `echo ${long}` }],
      });
      await served.publish(HELLO);
      await page.goto(served.link());
      await page.waitForURL(`${served.url}/`);
      await page.goto(`${served.url}/pending`);
      await page.getByRole("button", { name: "Confirm and run hello" }).click();
      await page.waitForURL(/\/runs\/dag-run-/);
      await assertFits(page);
      const paths = ["/", "/pending", "/dags", "/dags/hello", "/runs", "/workers", "/no/such"];
      for (const path of paths) {
        await page.goto(served.url + path);
        await assertFits(page);
      }
      const unexpected = report.errors.filter((text) => !text.includes("404"));
      assert.deepEqual(unexpected, []);
    });
  });
});

Deno.test("from a link over a confirmation to the result and its worker", async () => {
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      await served.publish({ ...HELLO, scope: { type: "project", project_id: "abc" } });
      await served.signIn(page);
      await page.getByRole("link", { name: "Waiting" }).click();
      await page.waitForURL(`${served.url}/pending`);

      for (const { id, command } of HELLO.tasks) {
        assert.equal(await page.getByLabel(`Command of ${id}`).textContent(), command);
      }
      const card = page.locator("#hello");
      await card.getByText(HELLO.description, { exact: true }).waitFor();
      await card.getByText("project:abc", { exact: true }).waitFor();
      await card.getByText("worker-project-abc", { exact: true }).waitFor();
      const permissions = await permissionsOf(served, "hello");
      assert.ok(permissions.length > 0);
      assert.deepEqual(await card.locator(".permissions li").allTextContents(), permissions);

      await card.getByRole("button", { name: "Confirm and run" }).click();
      await page.waitForURL(/\/runs\/dag-run-/);
      await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
      const log = page.getByRole("log");
      await log.locator(".stderr", { hasText: "oops" }).waitFor();
      await log.locator(".stdout", { hasText: "a greeting" }).waitFor();
      await page.getByRole("table").getByRole("link", { name: "answer" }).click();
      await page.waitForURL(/\/tasks\/answer$/);
      const outputs = await page.getByLabel("Outputs of answer").textContent();
      assert.deepEqual(JSON.parse(outputs ?? ""), { message: "Hello, world!" });
      const inputs = await page.getByLabel("Outputs of greet").textContent();
      assert.deepEqual(JSON.parse(inputs ?? ""), { greeting: "Hello" });

      await page.getByRole("link", { name: "Workers" }).click();
      await page.waitForURL(`${served.url}/workers`);
      const row = page.getByRole("row", { name: "worker-project-abc" });
      await row.getByText("running").waitFor();
      await page.setViewportSize({ width: 360, height: 740 });
      await assertFits(page);
      assert.deepEqual(report.errors, []);
    });
  });
});

/** What the API says that a waiting version may touch. */
async function permissionsOf(
  { url, token }: { url: string; token: string },
  dagId: string,
): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/api/v1/dag/${dagId}`, { headers });
  return (await answer.json()).permissions.summary;
}

Deno.test("what a task is called and writes is text, whatever it holds", async () => {
  const html = `<img src="x" onerror="document.title='ran'"></script><script>alert(1)</script>`;
  const escapes = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m";
  await withServer(async (served) => {
    await withPage(async (page, report) => {
      const dialogs: string[] = [];
      page.on("dialog", (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await Deno.writeTextFile(`${served.workspace}/evil.txt`, `${html}${escapes}\n`);
      const run = await served.run({
        dag_id: "evil",
        description: html + escapes,
        tasks: [{
          id: "show",
          name: html + escapes,
          type: "deno",
          script: "export default async ({ log }) => {" +
            ` const text = (await Deno.readTextFile("evil.txt")).trimEnd();` +
            " log(text); return { text }; };",
        }],
      } as { dag_id: string });
      await served.publish({
        dag_id: "evil",
        description: html + escapes,
        tasks: [{ id: "show", name: html + escapes, type: "shell", command: `echo '${html}'` }],
      });
      await served.signIn(page);
      await page.goto(served.url + run);
      await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
      const log = page.getByRole("log");
      await log.getByText(`${html}red`).waitFor();
      const name = await page.locator("tbody th .remark").first().textContent();
      assert.equal(name, `${html}\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{1b}[31mred\\u{1b}[0m`);
      await page.goto(`${served.url}${run}/tasks/show`);
      const shown = JSON.parse(await page.getByLabel("Outputs of show").textContent() ?? "");
      assert.deepEqual(shown, { text: html + escapes });
      for (
        const path of [run, `${run}/tasks/show`, "/pending", "/dags", "/dags/evil", "/runs", "/"]
      ) {
        await page.goto(served.url + path);
        assert.notEqual(await page.title(), "ran", path);
        assert.equal(await page.locator("main img").count(), 0, path);
        const visible = await page.locator("main").innerText();
        // deno-lint-ignore no-control-regex -- the control characters are the point
        assert.ok(!/[\x00-\x08\x0e-\x1f]/.test(visible), path);
      }
      assert.deepEqual(dialogs, []);
      assert.deepEqual(report.errors, []);
    });
  });
});
