import { deepEqual, equal } from "node:assert/strict";
import { type App, csp, staticFiles } from "fresh";
import { withPage } from "../helpers/browser.ts";
import { type Project, withProject } from "./project.ts";

const FILES = {
  "static/favicon.ico": "",
  "shared.ts": `import { signal } from "@preact/signals"; export const total = signal(0);`,
  "islands/Counter.tsx": `
    import type { Signal } from "@preact/signals";
    import type { ComponentChildren } from "preact";
    import { useEffect, useState } from "preact/hooks";
    import { total } from "../shared.ts";
    interface Props { id: string; count: Signal<number>; big?: bigint; when?: Date;
      tags?: Set<string>; site?: URL; bytes?: Uint8Array; gone?: undefined; not?: number;
      children?: ComponentChildren }
    export default function Counter(props: Props) {
      const [clicks, setClicks] = useState(0);
      const [types, setTypes] = useState("server");
      useEffect(() => setTypes([typeof props.big, props.when?.getUTCFullYear(),
        props.tags?.has("x"), props.site?.host, props.bytes?.length, "gone" in props,
        Number.isNaN(props.not)].join()), []);
      const click = () => { props.count.value++; total.value++; setClicks(clicks + 1); };
      return <div id={props.id}>
        <button type="button" onClick={click}>+</button>
        <b>{props.count}</b><i>{clicks}</i><u>{types}</u><em>{total}</em>{props.children}
      </div>;
    }`,
  "islands/Fold.tsx": `
    import type { ComponentChildren } from "preact";
    import { useState } from "preact/hooks";
    export default function Fold({ children, aside }:
      { children?: ComponentChildren; aside?: ComponentChildren }) {
      const [open, setOpen] = useState(false);
      return <section id="fold">
        <button type="button" class="fold" onClick={() => setOpen(!open)}>fold</button>
        <header>{aside}</header>{open && children}
      </section>;
    }`,
  "routes/_app.tsx": `export default ({ Component }) => <html><head><title>t</title>
    <style>{"b { color: rgb(1, 2, 3) }"}</style></head><body><Component/></body></html>;`,
  "routes/index.tsx": `
    import { useSignal } from "@preact/signals";
    import Counter from "../islands/Counter.tsx";
    import Fold from "../islands/Fold.tsx";
    export default function Page() {
      const count = useSignal(3);
      return <main>
        text before <Counter id="one" count={count} big={10n} when={new Date("2026-05-05")}
          tags={new Set(["x"])} site={new URL("https://example.org/")}
          bytes={new Uint8Array(3)} gone={undefined} not={NaN}/>
        <Counter id="two" count={count}><p>from the <s>server</s></p></Counter>
        <table><tbody><tr><td><Counter id="three" count={useSignal(7)}/></td></tr></tbody></table>
        <Fold aside={<label><input type="checkbox" checked/> <Counter id="four" count={count}/></label>}>
          <p id="held">held back</p><Counter id="five" count={count}/>
        </Fold>
        text after
      </main>;
    }`,
};

function setUp(app: App<unknown>): void {
  app.use(csp({ useNonce: true })).use(staticFiles()).fsRoutes();
}

/** Serves a project on a loopback port while `use` runs. */
async function served(project: Project, use: (origin: string) => Promise<void>): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, project.app.handler());
  try {
    await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("islands come alive in a browser under a nonce policy", async () => {
  await withProject(
    FILES,
    (project) =>
      served(project, (origin) =>
        withPage(async (page, report) => {
          const text = (selector: string): Promise<string | null> => page.textContent(selector);
          await page.goto(origin);
          equal(await text("#one b"), "3");
          await page.getByText("bigint,2026,true,example.org,3,true,true").waitFor();

          await page.click("#one button");
          await page.locator("#one i", { hasText: "1" }).waitFor();
          deepEqual(
            [
              await text("#one b"),
              await text("#two b"),
              await text("#three b"),
              await text("#four b"),
            ],
            ["4", "4", "7", "4"],
            "a signal passed to several islands is one",
          );
          deepEqual([await text("#two i"), await text("#three em")], ["0", "1"]);
          equal(await page.innerHTML("#two p"), "from the <s>server</s>");
          equal(await page.isChecked("#fold input"), true);

          await page.click("#four button");
          await page.locator("#four i", { hasText: "1" }).waitFor();
          equal(await text("#one b"), "5");

          equal(await page.locator("#held").count(), 0);
          await page.click("button.fold");
          await page.locator("#held").waitFor();
          await page.click("#five button");
          await page.locator("#five i", { hasText: "1" }).waitFor();
          equal(await text("#one b"), "6");
          await page.click("button.fold");
          await page.locator("#held").waitFor({ state: "detached" });

          equal(await page.locator("#one, #two, #three, #four").count(), 4, "nothing is doubled");
          const around = (await text("main"))?.trim() ?? "";
          deepEqual([around.startsWith("text before"), around.endsWith("text after")], [
            true,
            true,
          ]);
          equal(await page.locator("b").first().evaluate(colorOf), "rgb(1, 2, 3)");
          deepEqual(report.errors, []);
        })),
    { setUp },
  );
});

function colorOf(element: HTMLElement): string {
  return getComputedStyle(element).color;
}

Deno.test("the policy blocks what has no nonce, and the test would notice", async () => {
  await withProject({
    "routes/index.tsx": `export default () => <main id="m" dangerouslySetInnerHTML={{ __html:
      "<script>document.title = 'ran'</script>" }}/>;`,
  }, (project) =>
    served(project, (origin) =>
      withPage(async (page, report) => {
        await page.goto(origin);
        equal(await page.title(), "");
        equal(report.errors.filter((error) => error.includes("Content Security Policy")).length, 1);
      })), { setUp });
});
