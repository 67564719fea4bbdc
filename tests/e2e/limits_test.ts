/** Limits that hold without doing harm, and what is told of them: API, page and `doctor`. */
import assert from "node:assert/strict";
import { dataOf } from "../../lib/api/client.ts";
import { publishAndConfirm, waitForEnd, withNodeProcess } from "../helpers/node_process.ts";

Deno.test("a share of the CPU holds: a task that spins gets no more of it", async () => {
  await withNodeProcess(async ({ client }) => {
    const { limits } = dataOf(await client.limits());
    const cpu = limits.find(({ what }) => what === "cpu");
    // Where nothing holds it, that is what everybody is told; nothing else can be shown then.
    if (cpu?.by === null) return assert.ok(cpu.note);
    const script = `export default () => {
      const end = Date.now() + 2000;
      while (Date.now() < end);
      const { user, system } = Deno.cpuUsage?.() ?? process.cpuUsage();
      return { seconds: (user + system) / 1e6 };
    };`;
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "spins",
      tasks: [{ id: "spin", type: "deno", script, resources: { cpu: 0.2 } }],
    });
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    const { seconds } = run.tasks[0]?.outputs as { seconds: number };
    assert.ok(seconds < 1, `it had ${seconds} s of CPU in 2 s, with a fifth of a core`);
  });
});

Deno.test("what the machine holds is told by the API, the workers page and doctor", async () => {
  await withNodeProcess(async (node) => {
    const { limits, checks } = dataOf(await node.client.doctor());
    assert.deepEqual(limits, dataOf(await node.client.limits()).limits);
    assert.deepEqual(checks.map(({ name, status }) => [name, status]), [
      ["node", "ok"],
      ["database", "ok"],
      ["stored state", "ok"],
      ["schedules", "ok"],
      ["other nodes", "ok"],
      ["walls", "ok"],
      ["workers", "ok"],
    ]);
    const link = /sign in, once.*: (\S+)/.exec(node.output())?.[1] ?? "";
    const signedIn = await fetch(link, { redirect: "manual" });
    await signedIn.body?.cancel();
    const cookie = signedIn.headers.getSetCookie().map((text) => text.split(";")[0]).join("; ");
    const page = await (await fetch(`${node.url}/workers`, { headers: { cookie } })).text();
    for (const { by } of limits) if (by !== null) assert.ok(page.includes(by), by);
  });
});

Deno.test("without walls doctor warns and says what to do", async () => {
  await withNodeProcess(async ({ client }) => {
    const { checks, limits } = dataOf(await client.doctor());
    const walls = checks.find(({ name }) => name === "walls");
    assert.equal(walls?.status, "warning");
    assert.match(walls?.advice ?? "", /"isolation": "required"/);
    assert.equal(limits.find(({ what }) => what === "walls")?.by, null);
  }, { config: { bubblewrap: null } });
});
