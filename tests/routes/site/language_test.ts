import assert from "node:assert/strict";
import { acceptedLanguage } from "../../../lib/api/language.ts";
import { EN } from "../../../lib/ui/words/en.ts";
import { ZH } from "../../../lib/ui/words/zh.ts";
import { cookieOf, dag, withSite } from "./site_fixture.ts";

Deno.test("the browser's wish decides by weight, and what we don't speak is passed over", () => {
  const wishes: [string, string | undefined][] = [
    ["", undefined],
    ["fr-CH, fr;q=0.9", undefined],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["en;q=0.2, zh-Hans;q=0.7", "zh"],
    ["zh;q=0, en", "en"],
    ["de, EN-gb;q=0.5, zh;q=0.5", "en"],
    ["nonsense;;;q=x,,", undefined],
  ];
  for (const [header, language] of wishes) assert.equal(acceptedLanguage(header), language, header);
});

Deno.test("pages speak the browser's language until another one is chosen", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    const asks = { headers: { "accept-language": "zh-CN" } };
    const chinese = await (await site.get("/workers", cookie, asks)).text();
    assert.match(chinese, /<html lang="zh">/);
    assert.ok(chinese.includes("工作进程") && chinese.includes(">English<"));

    const chosen = await site.post("/language", { language: "en", back: "/runs?q=a" }, { cookie });
    assert.equal(chosen.headers.get("location"), "/runs?q=a");
    const both = `${cookie}; ${cookieOf(chosen)}`;
    assert.match(await (await site.get("/workers", both, asks)).text(), /<html lang="en">/);
  });
});

Deno.test("a language can be chosen before signing in, by this site's form alone", async () => {
  await withSite(async (site) => {
    const chosen = await site.post("/language", { language: "zh", back: "/sign-in" });
    assert.match(chosen.headers.get("set-cookie") ?? "", /^cis_language=zh; Path=\/; HttpOnly/);
    assert.match(await (await site.get("/sign-in", cookieOf(chosen))).text(), /<html lang="zh">/);
    const foreign = { headers: { origin: "https://elsewhere.example" } };
    assert.equal((await site.post("/language", { language: "zh" }, foreign)).status, 403);
    const bad = await site.post("/language", { language: "xx", back: "https://elsewhere.example" });
    assert.equal(bad.headers.get("location"), "/");
    assert.equal(bad.headers.get("set-cookie"), null);
  });
});

/** Every text with its path; functions are asked with numbers and names. */
function textsIn(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([name, value]): [string, string][] => {
    const here = path === "" ? name : `${path}.${name}`;
    if (typeof value === "string") return [[here, value]];
    // This says again what the node said.
    if (path === "decision" && name === "question") return [[here, value("Go on past a?")]];
    if (typeof value === "function") return [[here, String(value(["7"], ["8"], ["9"], ["10"]))]];
    return textsIn(value, here);
  });
}

Deno.test("both languages say everything, and neither says it in the other's words", () => {
  const [english, chinese] = [new Map(textsIn(EN)), new Map(textsIn(ZH))];
  const states = (path: string): boolean => path.startsWith("states.");
  assert.deepEqual(
    [...chinese.keys()].filter((path) => !states(path)).sort(),
    [...english.keys()].filter((path) => !states(path)).sort(),
  );
  for (const [path, text] of [...english, ...chinese]) assert.notEqual(text.trim(), "", path);
  assert.equal(chinese.get("decision.question"), "通过 a？");
  assert.equal(
    ZH.decision.question("Run the http task b (c)? 2 of ann, bob have to agree."),
    "运行 http 任务 b (c)？ann, bob 之中需有 2 人同意。",
  );
  const otherwise = ["frame.otherLanguage"];
  for (const [path, text] of english) {
    if (!otherwise.includes(path)) assert.ok(!/\p{Script=Han}/u.test(text), `${path}: ${text}`);
  }
});

Deno.test("who confirms in Chinese reads in Chinese what it may touch, and why it has its scope", async () => {
  await withSite(async (site) => {
    await site.publish(dag("proj-abc-x", "make"));
    const cookie = await site.signIn(["approver"]);
    const headers = { "accept-language": "zh-CN" };
    const html = await (await site.get("/pending", cookie, { headers })).text();
    assert.match(html, /<li[^>]*>greet 可写入：项目 abc 的工作目录 /);
    assert.ok(html.includes("DAG 名称的前缀表示范围 project:abc。"));
    assert.ok(!html.includes("may write") && !html.includes("The prefix"));
    const english = await (await site.get("/pending", cookie)).text();
    assert.ok(english.includes("greet may write: the workspace of project abc"));
  });
});
