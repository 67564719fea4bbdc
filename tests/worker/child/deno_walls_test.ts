/** What a deno task may not touch: each try is refused by the runtime, in words for a person. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TaskDispatch } from "../../../lib/schema/room_events.ts";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, task } from "../../helpers/fake_node.ts";

/** A script that is granted its workspace. */
function walledIn(script: string): TaskDispatch {
  const permissions = { net: [], read: ["."], write: ["."], env: [], run: [] };
  return task({ type: "deno", script }, { permissions });
}

Deno.test("a deno task is walled in", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const outside = join(worker.directory, "outside.txt");
  Deno.writeTextFileSync(outside, "not for tasks");
  await using listener = listen();
  const quoted = JSON.stringify(outside);

  const walls: [name: string, body: string, message: RegExp][] = [
    [
      "reading outside",
      `return Deno.readTextFile(${quoted});`,
      /^Requires read access to .*outside\.txt/,
    ],
    [
      "reading outside by ..",
      'return Deno.readTextFile("../outside.txt");',
      /^Requires read access/,
    ],
    [
      "reading by node:fs",
      `return process.getBuiltinModule("node:fs").readFileSync(${quoted}, "utf8");`,
      /^Requires read access/,
    ],
    [
      "writing outside",
      `return Deno.writeTextFile(${quoted}, "x");`,
      /^Requires write access to .*outside\.txt/,
    ],
    [
      "a way out by a link",
      `return Deno.symlink(${quoted}, "link");`,
      /^Deno\.symlink\(\) requires unscoped --allow-read/,
    ],
    [
      "fetching",
      `return fetch("http://127.0.0.1:${listener.port}/");`,
      /^Requires net access to "127\.0\.0\.1:\d+"/,
    ],
    ["connecting", `return Deno.connect({ port: ${listener.port} });`, /^Requires net access/],
    ["listening", "return Deno.listen({ port: 0 });", /^Requires net access/],
    [
      "the node's own socket",
      `return Deno.connect({ transport: "unix", path: ${JSON.stringify(node.socket)} });`,
      /^Requires (net|read|write) access/,
    ],
    ["a variable of the node", 'return Deno.env.get("PATH");', /^Requires env access to "PATH"/],
    ["all variables", "return Deno.env.toObject();", /^Requires env access/],
    [
      "running a program",
      'return new Deno.Command("/bin/sh").output();',
      /^Requires run access to "\/bin\/sh"/,
    ],
    [
      "running itself with more rights",
      'return new Deno.Command(Deno.execPath(), { args: ["eval", "-A", ""] }).output();',
      /^Requires (read|run) access/,
    ],
    ["killing", `Deno.kill(${Deno.pid}, "SIGKILL");`, /^Requires run access/],
    ["a library of machine code", 'return Deno.dlopen("libc.so.6", {});', /^Requires ffi access/],
    ["what the system is", "return Deno.hostname();", /^Requires sys access to "hostname"/],
  ];
  for (const [name, body, message] of walls) {
    await t.step(name, async () => {
      const dispatch = walledIn(
        `import process from "node:process"; void process; export default async () => { ${body} };`,
      );
      const { status, outputs, error } = await node.run(dispatch);
      assert.deepEqual([status, outputs, error?.code], ["failed", null, "permission_denied"]);
      assert.match(error?.message ?? "", message);
      assert.match(error?.message ?? "", /, which deno tasks don't get here$/);
    });
  }

  await t.step("code from the network", async () => {
    const script = `import "http://127.0.0.1:${listener.port}/m.ts"; export default () => 1;`;
    const { status, error } = await node.run(walledIn(script));
    assert.deepEqual([status, error?.code], ["failed", "bad_module"]);
    assert.match(error?.message ?? "", /127\.0\.0\.1/);
  });

  await t.step("nobody was reached and nothing was changed", () => {
    assert.equal(listener.connections, 0);
    assert.equal(Deno.readTextFileSync(outside), "not for tasks");
  });

  await t.step("rights can't be asked for: nothing prompts, and it is denied at once", async () => {
    const script = `export default async () =>
      (await Deno.permissions.request({ name: "net" })).state;`;
    assert.equal((await node.run(walledIn(script))).outputs, "denied");
  });

  await t.step("a task may handle the refusal itself", async () => {
    const script = `export default () => Deno.readTextFile(${quoted}).catch((e) => e.name);`;
    const { status, outputs } = await node.run(walledIn(script));
    assert.deepEqual([status, outputs], ["completed", "NotCapable"]);
  });

  await t.step("the files of another attempt are out of reach", async () => {
    const script = `export default () => Array.from(
      Deno.readDirSync(Deno.env.get("CIS_TMPDIR") + "/../.."), ({ name }) => name);`;
    const { error } = await node.run(walledIn(script));
    assert.equal(error?.code, "permission_denied");
  });
});

Deno.test("permissions open exactly what they name", async () => {
  await using node = new FakeNode();
  await using listener = listen();
  await using other = listen();
  await using worker = new ChildWorker(node);
  await node.isReady();
  worker.write("in/a", "text");
  worker.write("out/b", "");
  const script = `export default async () => {
    const tries = {
      read: () => Deno.readTextFileSync("in/a"),
      write: () => Deno.writeTextFileSync("out/b", "x"),
      net: async () => (await fetch("http://127.0.0.1:${listener.port}/")).text(),
      readOther: () => Deno.readTextFileSync("out/b"),
      writeOther: () => Deno.writeTextFileSync("in/a", "x"),
      netOther: () => fetch("http://127.0.0.1:${other.port}/"),
    };
    const done = {};
    for (const [name, attempt] of Object.entries(tries)) {
      done[name] = await Promise.try(attempt).then((v) => v ?? "done", (e) => e.name);
    }
    return done;
  };`;
  const permissions = {
    net: [`127.0.0.1:${listener.port}`],
    read: [join(worker.workspace, "in")],
    write: [join(worker.workspace, "out")],
    env: [],
    run: [],
  };
  const { outputs, error } = await node.run(task({ type: "deno", script }, { permissions }));
  assert.equal(error, null);
  assert.deepEqual(outputs, {
    read: "text",
    write: "done",
    net: "hello",
    readOther: "NotCapable",
    writeOther: "NotCapable",
    netOther: "NotCapable",
  });
  assert.deepEqual([listener.connections, other.connections], [1, 0]);
});

/** Something on the network that counts who comes. */
function listen(): AsyncDisposable & { readonly port: number; readonly connections: number } {
  let connections = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    connections++;
    return new Response("hello");
  });
  return {
    port: server.addr.port,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
