/** The countdown of a version that waits, in a real browser with a clock of the test's own. */
import assert from "node:assert/strict";
import { withPage } from "../helpers/browser.ts";
import { withServer } from "../routes/site/served_site.ts";

const DAG = { dag_id: "hello", tasks: [{ id: "greet", type: "shell", command: "echo hello" }] };

/** The seconds in "expires in 4 min 58 s". */
function secondsIn(text: string | null): number {
  const match = /^expires in (?:(\d+) min ?)?(?:(\d+) s)?$/.exec(text ?? "");
  assert.ok(match !== null && text !== "expires in ", `no time is left in "${text}"`);
  return Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0);
}

for (const path of ["/pending", "/"]) {
  Deno.test(`the countdown on ${path} ticks and says when it is over`, async () => {
    await withServer((served) =>
      withPage(async (page, report) => {
        await page.clock.install();
        await served.publish(DAG);
        await served.signIn(page);
        await page.goto(served.url + path);
        const timer = page.getByRole("timer");
        const before = secondsIn(await timer.textContent());
        assert.ok(before > 200 && before <= 300, `${before} s of the 300 s are left`);
        await page.clock.fastForward(60_000);
        await page.waitForFunction(
          ([from]) => {
            const text = document.querySelector("[role=timer]")?.textContent ?? "";
            const [, minutes = "0", seconds = "0"] = /(?:(\d+) min ?)?(?:(\d+) s)?$/.exec(text) ??
              [];
            return Number(minutes) * 60 + Number(seconds) <= from - 60;
          },
          [before] as const,
        );
        assert.ok(secondsIn(await timer.textContent()) >= before - 90);
        await page.clock.fastForward(300_000);
        await page.getByText("expired: it has to be published again").waitFor();
        assert.deepEqual(report.errors, []);
      })
    );
  });
}

Deno.test("without JavaScript the time that is left is shown as it was", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      await served.publish(DAG);
      await served.signIn(page);
      await page.goto(`${served.url}/pending`);
      assert.ok(secondsIn(await page.getByRole("timer").textContent()) > 200);
    }, { javaScriptEnabled: false })
  );
});

Deno.test("a browser whose clock is wrong counts from the time that the server gave", async () => {
  await withServer((served) =>
    withPage(async (page) => {
      await page.clock.install({ time: new Date("2001-01-01T00:00:00Z") });
      await served.publish(DAG);
      await served.signIn(page);
      await page.goto(`${served.url}/pending`);
      await page.clock.fastForward(10_000);
      await page.waitForFunction(() =>
        !document.querySelector("[role=timer]")?.textContent?.includes("5 min")
      );
      const left = secondsIn(await page.getByRole("timer").textContent());
      assert.ok(left > 200 && left <= 290, `${left} s are left`);
    })
  );
});
