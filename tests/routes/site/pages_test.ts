import assert from "node:assert/strict";
import { packLines } from "../../helpers/pack_lines.ts";
import { cookieOf, dag, type Site, withoutColours, withSite } from "./site_fixture.ts";

const EVIL = "<script>alert(1)</script>";

/** Publishes and confirms a DAG. @returns the path of its run */
async function confirmed(site: Site, spec: Record<string, unknown>): Promise<string> {
  const { dag_id, spec_hash } = await site.publish(spec);
  const cookie = await site.signIn(["approver"]);
  const response = await site.post(`/pending/${dag_id}/confirm`, { spec_hash }, { cookie });
  return response.headers.get("location") ?? "";
}

Deno.test("every page answers, has a title, a language and one heading of the first level", async () => {
  await withSite(async (site) => {
    const run = await confirmed(site, dag("hello"));
    await site.publish(dag("other"));
    const cookie = await site.signIn(["admin"]);
    const paths = [
      "/",
      "/pending",
      "/dags",
      "/dags/hello",
      "/dags/other",
      "/runs",
      run,
      "/workers",
      "/workers/worker-global",
      "/sign-in",
      "/runs?status=failed&q=zzz",
    ];
    const titles = new Set<string>();
    for (const path of paths) {
      const response = await site.get(path, cookie);
      assert.equal(response.status, 200, path);
      const html = await response.text();
      const title = /<title>([^<]+ · CIS)<\/title>/.exec(html)?.[1];
      assert.ok(title, `title of ${path}`);
      titles.add(title);
      assert.match(html, /^<!DOCTYPE html><html lang="en">/, path);
      assert.equal(html.match(/<h1[ >]/g)?.length, 1, path);
      // Shapes of a picture have titles, too; the document has one.
      const head = html.slice(0, html.indexOf("</head>"));
      assert.equal(head.match(/<title>/g)?.length, 1, path);
      assert.ok(html.includes('<main id="main"'), path);
      assertHeadingsInOrder(html, path);
    }
    assert.equal(titles.size, 10, [...titles].join(", "));
  });
});

function assertHeadingsInOrder(html: string, path: string): void {
  let last = 0;
  for (const [, level] of html.matchAll(/<h([1-6])[ >]/g)) {
    assert.ok(Number(level) <= last + 1, `h${level} after h${last} in ${path}`);
    last = Number(level);
  }
}

Deno.test("empty lists say what to do next", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    const expected = {
      "/": /Nothing waits for you.*dag publish.*Nothing runs.*No run has failed.*No worker yet/s,
      "/pending": /Nothing waits for you.*dag publish/s,
      "/dags": /No DAG has been published.*dag publish/s,
      "/runs": /Nothing has run yet.*see what waits/s,
      "/workers": /There is no worker yet.*worker start/s,
    };
    for (const [path, text] of Object.entries(expected)) {
      assert.match(await (await site.get(path, cookie)).text(), text);
    }
  });
});

Deno.test("every answer has strict headers, errors and redirects included", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    for (
      const path of ["/", "/pending", "/sign-in", "/no/such", "/runs/none", "/pending/x/confirm"]
    ) {
      const { headers } = await site.get(path, cookie);
      const policy = headers.get("content-security-policy") ?? "";
      assert.ok(policy.includes("frame-ancestors 'none'"), `${path}: ${policy}`);
      assert.ok(policy.includes("default-src 'self'"), path);
      assert.ok(!policy.includes("upgrade-insecure-requests"), `plain http works: ${path}`);
      assert.ok(!policy.includes("unsafe-inline"), `${path}: ${policy}`);
      assert.ok(!policy.includes("unsafe-eval"), path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("referrer-policy"), "same-origin", path);
      assert.equal(headers.get("cache-control"), "no-store", path);
    }
  });
});

/** A page's markup without the one script that starts its islands, told by the policy's nonce. */
async function markupOf(response: Response): Promise<string> {
  const policy = response.headers.get("content-security-policy") ?? "";
  const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
  const html = await response.text();
  const [start, end] = [`<script type="module" nonce="${nonce}">`, "</script>"];
  const from = html.indexOf(start);
  if (nonce === undefined || from === -1) return html;
  return html.slice(0, from) + html.slice(html.indexOf(end, from) + end.length);
}

Deno.test("pages carry no inline style, and no script but the one of their islands", async () => {
  await withSite(async (site) => {
    await site.publish(dag("hello"));
    const cookie = await site.signIn(["admin"]);
    for (const path of ["/", "/pending", "/dags/hello"]) {
      const html = await markupOf(await site.get(path, cookie));
      assert.ok(!/<script|<style| style=| on[a-z]+=/i.test(html), path);
    }
  });
});

Deno.test("an unknown page is a friendly 404 with the request's id", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    for (const path of ["/no/such/page", "/runs/dag-run-none", "/dags/none", "/workers/none"]) {
      const response = await site.get(path, cookie);
      assert.equal(response.status, 404, path);
      const html = await response.text();
      const id = response.headers.get("x-request-id") ?? "none";
      assert.ok(html.includes(id), `${path} names its request`);
      assert.match(html, /Status 404.*Go to the overview/s);
    }
  });
});

Deno.test("a method that a page doesn't have is a page as well", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    const response = await site.post("/runs", {}, { cookie });
    assert.equal(response.status, 405);
    assert.match(await response.text(), /That is not possible here/);
  });
});

Deno.test("what a model wrote is text on every page", async () => {
  await withSite(async (site) => {
    const run = await confirmed(site, {
      dag_id: "evil",
      description: EVIL,
      env: { A: EVIL },
      tasks: [
        { id: "one", name: EVIL, type: "shell", command: `echo '${EVIL}'`, env: { B: EVIL } },
        { id: "two", type: "deno", script: EVIL, args: EVIL },
        { id: "three", type: "skill", skill: EVIL, params: { x: EVIL } },
      ],
    });
    await site.publish({
      dag_id: "evil",
      description: EVIL,
      tasks: [{ id: "one", name: EVIL, type: "shell", command: EVIL, rollback: [EVIL] }],
    });
    const cookie = await site.signIn(["admin"]);
    for (const path of ["/", "/pending", "/dags", "/dags/evil", "/runs", run]) {
      const html = await markupOf(await site.get(path, cookie));
      assert.ok(!html.includes("<script"), path);
    }
    const pending = await (await site.get("/pending", cookie)).text();
    assert.ok(pending.includes("&lt;script>alert(1)&lt;/script>"));
  });
});

Deno.test("a name is escaped once, wherever it stands", async () => {
  await withSite(async (site) => {
    const { token } = await site.node.db.write((tx) =>
      site.node.tokens.create(tx, { name: "R&D <x>", roles: ["admin"], createdBy: null })
    );
    const cookie = cookieOf(await site.post("/sign-in", { token }));
    const document = JSON.stringify(dag("hello"));
    await site.post("/publish", { document, do: "publish" }, { cookie });
    const pages = ["/pending", "/dags/hello", "/settings/tokens", "/settings/audit", "/runs"];
    const said = await Promise.all(pages.map(async (path) => {
      const html = await (await site.get(path, cookie)).text();
      assert.doesNotMatch(html, /&amp;(?:amp|lt|gt|quot);/, path);
      return html.split("R&amp;D &lt;x").length - 1;
    }));
    assert.ok(said.every((times) => times > 0), `${said}`);
    const { spec_hash } = site.node.specs.load("hello") ?? { spec_hash: "" };
    const confirmed = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
    const run = confirmed.headers.get("location") ?? "";
    for (const path of [run, `${run}/tasks/greet`, "/dags/hello"]) {
      const html = await (await site.get(path, cookie)).text();
      assert.doesNotMatch(html, /&amp;(?:amp|lt|gt|quot);/, path);
      assert.ok(html.includes("R&amp;D &lt;x"), path);
    }
  });
});

Deno.test("characters that hide or reorder others are shown by number", async () => {
  await withSite(async (site) => {
    await site.publish(dag("hello", "echo safe \u202e# \u200btxt\r\nline two"));
    const html = await (await site.get("/pending", await site.signIn(["viewer"]))).text();
    assert.ok(withoutColours(html).includes("echo safe \\u{202e}# \\u{200b}txt\\r\nline two"));
    assert.ok(!html.includes("\u202e"));
  });
});

Deno.test("output is shown without what it would do to a terminal or a page", async () => {
  await withSite(async (site) => {
    const path = await confirmed(site, dag("hello"));
    const runId = path.slice("/runs/".length);
    const from = { run_id: runId, task_id: "greet", attempt: 1, lease: "lease" };
    const time = Date.now();
    const lines = Array.from({ length: 600 }, (_, line) => ({
      line: line + 1,
      time,
      stream: "stdout" as const,
      text: `line number ${line}.`,
    }));
    lines.push({
      line: 601,
      time,
      stream: "stdout",
      text: "\x1b[31mred\x1b[0m \x1b]0;title\x07" + EVIL,
    });
    const error = { line: 602, time, stream: "stderr" as const, text: "it went wrong\x08" };
    await site.node.db.write((tx) => {
      for (const stretch of packLines([...lines, error])) {
        site.node.logs.append(tx, "worker-global", { ...from, ...stretch });
      }
    });
    const cookie = await site.signIn(["viewer"]);
    const html = await (await site.get(path, cookie)).text();
    assert.match(html, /<span +class="ansi-red">red<\/span> &lt;script>/);
    // deno-lint-ignore no-control-regex -- the control characters are the point
    assert.ok(!/[\x00-\x08\x0b-\x1f]/.test(html));
    assert.match(html, /class="stderr"[^>]*>it went wrong\\u\{8\}/);
    assert.ok(html.includes("line number 402.") && !html.includes("line number 401."));
    assert.match(html, /The last 200 lines/);
    const whole = await site.get(`${path}/log`, cookie);
    assert.match(whole.headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal(whole.headers.get("x-content-type-options"), "nosniff");
    assert.match(await whole.text(), /^line number 0\.\n/);
  });
});

Deno.test("runs are filtered by the address, and a bad filter keeps what was typed", async () => {
  await withSite(async (site) => {
    await confirmed(site, dag("hello"));
    await confirmed(site, dag("proj-abc-x"));
    const cookie = await site.signIn(["viewer"]);
    const filtered = await (await site.get("/runs?scope=project%3Aabc&dag_id=", cookie)).text();
    assert.ok(filtered.includes("/dags/proj-abc-x") && !filtered.includes("/dags/hello"));
    const bad = await site.get("/runs?scope=%22%3E%3Cscript%3E", cookie);
    assert.equal(bad.status, 400);
    const html = await bad.text();
    assert.match(html, /The list can't be filtered like this/);
    assert.match(html, /value="&quot;><script>"|value="&quot;>&lt;script>"/);
  });
});

Deno.test("long lists go on on the next page", async () => {
  await withSite(async (site) => {
    for (let number = 100; number < 155; number++) await site.publish(dag(`dag-${number}`));
    const cookie = await site.signIn(["viewer"]);
    const first = await (await site.get("/dags", cookie)).text();
    assert.ok(first.includes("/dags/dag-149") && !first.includes("/dags/dag-150"));
    const next = /<a href="([^"]+)" rel="next">/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await (await site.get(next, cookie)).text();
    assert.ok(second.includes("/dags/dag-154") && !second.includes("/dags/dag-149"));
    assert.match(second, /href="\/dags">First page/);
  });
});

Deno.test("workers can be stopped by admins alone", async () => {
  await withSite(async (site) => {
    await confirmed(site, dag("hello"));
    const admin = await site.signIn(["admin"]);
    const approver = await site.signIn(["approver"]);
    const path = "/workers/worker-global";
    assert.match(await (await site.get(path, admin)).text(), /worker-global\/restart"/);
    assert.ok(!(await (await site.get(path, approver)).text()).includes("/restart"));
    assert.equal((await site.post(`${path}/stop`, {}, { cookie: approver })).status, 403);
    const stopped = await site.post(`${path}/stop`, {}, { cookie: admin });
    assert.equal(stopped.headers.get("location"), path);
  });
});
