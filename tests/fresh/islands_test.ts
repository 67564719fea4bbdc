import { deepEqual, equal, match, ok } from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { revive } from "../../lib/fresh/revive.ts";
import type { Table } from "../../lib/fresh/serialise.ts";
import { withProject } from "./project.ts";

const FILES = {
  "islands/Counter.tsx": `export default ({ count, children, label }) =>
    <div><b>{count}</b>{label}<i>{children}</i></div>;`,
  "islands/pair.tsx": `export function Left() { return <p>left</p>; }
    export function Right() { return <p>right</p>; }`,
  "islands/Outer.tsx": `import Counter from "./Counter.tsx";
    export default ({ children, open }) => <section><Counter count={9}/>{open && children}</section>;`,
  "routes/shop/(_islands)/cart-button.tsx":
    `export default ({ n }) => <button type="button">{n}</button>;`,
};

interface Boot {
  /** Which bundle and export each component comes from. */
  components: string[];
  instances: [number, Record<string, unknown>][];
}

/** Runs a page's boot script with the bundles replaced by their names. */
function bootOf(html: string): Boot {
  const script = /<script type="module" nonce="\w+">(.*)<\/script>/s.exec(html)?.[1] ?? "";
  const code = script
    .replace(/import\{boot\}from"[^"]*fresh-runtime\.js";/, "")
    .replaceAll(
      /import\*as (\w+) from"[^"]*\/([^"/]+)\.js";/g,
      `const $1 = new Proxy({}, { get: (_, name) => "$2:" + name });`,
    );
  let boot: Boot | undefined;
  runInNewContext(code, {
    boot: (components: string[], _buildId: string, table: Table): void => {
      const copy: Table = JSON.parse(JSON.stringify(table));
      const instances = revive(copy, (id) => `slot ${id}`) as Boot["instances"];
      boot = { components: [...components], instances };
    },
  });
  ok(boot !== undefined, "the page has a boot script");
  return boot;
}

function bodyOf(html: string): string {
  return /<body>(.*)<script type="module"/s.exec(html)?.[1] ?? html;
}

Deno.test("an island is drawn between markers and its props go along", async () => {
  await withProject({
    ...FILES,
    "routes/index.tsx": `import Counter from "../islands/Counter.tsx";
      export default () => <main><Counter count={3} label="</script><!--"/></main>;`,
  }, async ({ ask }) => {
    const response = await ask("/");
    const html = await response.text();
    equal(
      bodyOf(html),
      "<main><!--fresh:island:0--><div><b>3</b>&lt;/script>&lt;!--<i></i></div>" +
        "<!--/fresh:island--></main>",
    );
    deepEqual(bootOf(html), {
      components: ["Counter:default"],
      instances: [[0, { count: 3, label: "</script><!--" }]],
    });
    match(response.headers.get("link") ?? "", /Counter\.js>; rel="modulepreload"/);
  });
});

Deno.test("named exports and (_islands) folders are islands too", async () => {
  await withProject({
    ...FILES,
    "routes/shop/index.tsx": `import { Left, Right } from "../../islands/pair.tsx";
      import Cart from "./(_islands)/cart-button.tsx";
      export default () => <><Right/><Cart n={1}/><Left/><Cart n={2}/></>;`,
  }, async ({ text }) => {
    deepEqual(bootOf(await text("/shop")), {
      components: ["pair:Right", "cart-button:default", "pair:Left"],
      instances: [[0, {}], [1, { n: 1 }], [2, {}], [1, { n: 2 }]],
    });
  });
});

Deno.test("an island in an island is part of it; JSX passed to it can hold islands", async () => {
  await withProject({
    ...FILES,
    "routes/index.tsx": `import Counter from "../islands/Counter.tsx";
      import Outer from "../islands/Outer.tsx";
      export default () => <Outer open><p>static <Counter count={1}><u>x</u></Counter></p></Outer>;`,
  }, async ({ text }) => {
    const html = await text("/");
    equal(
      bodyOf(html),
      "<!--fresh:island:0--><section><div><b>9</b><i></i></div><!--fresh:slot:0-->" +
        "<p>static <!--fresh:island:1--><div><b>1</b><i><!--fresh:slot:1--><u>x</u>" +
        "<!--/fresh:slot--></i></div><!--/fresh:island--></p><!--/fresh:slot--></section>" +
        "<!--/fresh:island-->",
    );
    deepEqual(bootOf(html).instances, [
      [0, { open: true, children: "slot 0" }],
      [1, { count: 1, children: "slot 1" }],
    ]);
  });
});

Deno.test("JSX that an island holds back is sent as a template", async () => {
  await withProject({
    ...FILES,
    "routes/index.tsx": `import Counter from "../islands/Counter.tsx";
      import Outer from "../islands/Outer.tsx";
      export default () => <Outer open={false}><p>later <Counter count={1}/></p></Outer>;`,
  }, async ({ text }) => {
    const html = await text("/");
    match(
      html,
      /<template id="fresh-slot-0"><p>later <!--fresh:island:1--><div>.*<\/div><!--\/fresh:island-->/,
    );
    equal(bootOf(html).instances.length, 2);
  });
});

Deno.test("a prop that can't be sent is named", async () => {
  await withProject({
    ...FILES,
    "routes/_error.ts": `export const handler = ({ error }) =>
      new Response(error.message, { status: 500 });`,
    "routes/index.tsx": `import Counter from "../islands/Counter.tsx";
      export default () => <Counter count={1} onDone={() => {}}/>;`,
  }, async ({ text }) => {
    match(await text("/"), /^Counter\.onDone is a function; islands take only data/);
  });
});

Deno.test("pages are drawn one at a time, also when they wait", async () => {
  await withProject({
    ...FILES,
    "routes/[n].tsx": `import Counter from "../islands/Counter.tsx";
      export default async ({ params }) => {
        await Promise.resolve();
        return <Counter count={Number(params.n)}/>;
      };`,
  }, async ({ text }) => {
    const pages = await Promise.all(Array.from({ length: 20 }, (_, n) => text(`/${n}`)));
    pages.forEach((html, n) => deepEqual(bootOf(html).instances, [[0, { count: n }]]));
  });
});
