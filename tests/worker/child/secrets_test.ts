/** What a worker process makes of its secrets, whoever gives it which. */
import assert from "node:assert/strict";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, shell, task } from "../../helpers/fake_node.ts";

Deno.test("secrets of a worker", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node, {
    bootstrap: { secrets: { LANG: "the-language-of-secrets", TOKEN: "from the first line" } },
  });
  await node.isReady();

  await t.step("those of the first line of stdin are there without a frame", async () => {
    const dispatch = shell('echo "${#TOKEN}"', { secrets: ["TOKEN"] });
    assert.equal((await node.run(dispatch)).status, "completed");
    assert.deepEqual(node.lines(dispatch).map(({ text }) => text), ["19"]);
  });
  await t.step("one may have the name of a variable that every task gets", async () => {
    const script = 'export default () => Deno.env.get("LANG")?.length;';
    const permissions = { net: [], read: [], write: [], env: ["PATH"], run: [] };
    const work = { type: "deno", script } as const;
    const declared = await node.run(task(work, { permissions, secrets: ["LANG"] }));
    assert.deepEqual([declared.error, declared.outputs], [null, 23]);
    const other = await node.run(task(work, { permissions }));
    assert.equal(other.error?.code, "permission_denied");
  });
  await t.step("a secret counts before env of the task", async () => {
    const dispatch = shell('echo "${#TOKEN}"', { secrets: ["TOKEN"], env: { TOKEN: "env" } });
    await node.run(dispatch);
    assert.deepEqual(node.lines(dispatch).map(({ text }) => text), ["19"]);
  });
  await t.step("a frame replaces all, also for what is masked while a task runs", async () => {
    const dispatch = shell(
      "echo begun; while [ ! -e go ]; do sleep 0.02; done; echo set-while-it-ran",
    );
    node.dispatch(dispatch);
    await node.until("its first line", () => node.lines(dispatch).length > 0);
    node.sendFrame({ op: "secrets", secrets: { NEW: "set-while-it-ran" } });
    await node.run(shell("touch go", { secrets: ["NEW"] }));
    await node.result(dispatch);
    assert.deepEqual(node.lines(dispatch).map(({ text }) => text), ["begun", "***"]);
    const gone = await node.run(shell("true", { secrets: ["TOKEN"] }));
    assert.equal(gone.error?.code, "unknown_secret");
  });
  await t.step("what an http task is answered is masked, and where it is cut too", async () => {
    const secret = "set-while-it-ran";
    // Longer than what is read, and cut in the middle of a secret but by a rare chance.
    const long = `${secret}.`.repeat(5_000);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) =>
        url.endsWith("/cut")
          ? new Response(long, { status: 500 })
          : Response.json({ secret }, { headers: { "x-secret": secret } }),
    );
    try {
      const url = `http://127.0.0.1:${server.addr.port}`;
      const request = { method: "GET", headers: {}, url };
      const answered = await node.run(task({ type: "http", request }));
      const { body: told, headers } = answered.outputs as Record<string, Record<string, unknown>>;
      assert.deepEqual([told, headers?.["x-secret"]], [{ secret: "***" }, "***"]);
      const cut = task({ type: "http", request: { ...request, url: `${url}/cut` } });
      await node.run(cut);
      const shown = node.lines(cut).filter(({ stream }) => stream === "stderr")
        .map(({ text }) => text).join("");
      // Not a comparison that would print it all.
      assert.ok(/^(\*{3}\.)+(\*{3})?$/.test(shown), `${shown.length}: …${shown.slice(-60)}`);
    } finally {
      await server.shutdown();
    }
  });
  await t.step(
    "a secret that is longer than what is kept of an error is masked there",
    async () => {
      const secret = Array.from({ length: 200 }, () => crypto.randomUUID()).join("");
      node.sendFrame({ op: "secrets", secrets: { LONG: secret, NEW: "set-while-it-ran" } });
      const script = `export default () => {
      throw new Error("x".repeat(1900) + Deno.env.get("LONG"));
    };`;
      const dispatch = task({ type: "deno", script }, { secrets: ["LONG"] });
      const { error } = await node.run(dispatch);
      assert.deepEqual(error, { code: "exception", message: "x".repeat(1900) });
      const shown = node.lines(dispatch).map(({ text }) => text).join("");
      assert.ok(!shown.includes(secret.slice(0, 20)) && !shown.includes(secret.slice(-20)));
    },
  );
  await t.step("a frame of another shape is left alone", async () => {
    node.sendFrame({ op: "secrets", secrets: { NEW: 1 } });
    node.sendFrame({ op: "secrets", secrets: null });
    assert.equal((await node.run(shell("true", { secrets: ["NEW"] }))).status, "completed");
  });
});
