/** The pages in a real browser, without a line of JavaScript. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { createApp } from "../../../main.ts";
import { ConfigFile } from "../../../lib/config.ts";
import { createNode, type Node } from "../../../lib/node.ts";
import { withPage } from "../../helpers/browser.ts";

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

/** A node that listens, and a token for it. */
interface Served {
  readonly node: Node;
  readonly url: string;
  readonly token: string;
  /** A sign-in link, as the node prints it. */
  link(): string;
  publish(spec: unknown): Promise<void>;
}

async function withServer(use: (served: Served) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-browser-" });
  const config = { ...ConfigFile.parse({ data_dir: join(dir, "data"), port: 0 }), node_id: "n1" };
  await Deno.mkdir(config.data_dir);
  const node = createNode(config);
  const handler = (await createApp(node)).handler();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  try {
    node.address = { host: "127.0.0.1", port: server.addr.port };
    await node.start();
    const { token, view } = await node.db.write((tx) =>
      node.tokens.create(tx, { name: "owner", roles: ["admin"], createdBy: null })
    );
    const url = `http://127.0.0.1:${server.addr.port}`;
    await use({
      node,
      url,
      token,
      link: () => `${url}/sign-in?ticket=${node.sessions.createLink(view.token_id)}`,
      publish: async (spec) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const body = JSON.stringify(spec);
        const answer = await fetch(`${url}/api/v1/dag/publish`, { method: "POST", headers, body });
        assert.equal(answer.status, 200, await answer.text());
      },
    });
  } finally {
    await node.stop();
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

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
      assert.equal(await page.title(), "Overview · CIS");
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

const WORKER = new URL("../../../lib/worker/child/main.ts", import.meta.url);

Deno.test({
  name: "a confirmed run is seen to complete, with its outputs",
  ignore: !existsSync(WORKER),
  fn: async () => {
    await withServer(async (served) => {
      await withPage(async (page, report) => {
        await served.publish(HELLO);
        await page.goto(served.link());
        await page.waitForURL(`${served.url}/`);
        await page.goto(`${served.url}/pending#hello`);
        await page.getByRole("button", { name: "Confirm and run" }).click();
        await page.waitForURL(/\/runs\/dag-run-/);
        // The page reloads itself until the run has ended.
        await page.locator(".page-title .badge-good").waitFor({ timeout: 30_000 });
        const outputs = await page.getByLabel("Outputs of answer").textContent();
        assert.deepEqual(JSON.parse(outputs ?? ""), { message: "Hello, world!" });
        assert.match(await page.locator(".log .stderr").first().textContent() ?? "", /oops/);
        await page.setViewportSize({ width: 360, height: 740 });
        await assertFits(page);
        assert.deepEqual(report.errors, []);
      });
    });
  },
});
