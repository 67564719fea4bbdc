import assert from "node:assert/strict";
import { json, problem, refused } from "../api/fake_fetch.ts";
import { NODE_URL, runFake } from "./fake_system.ts";
import { dagList, dagStatus, dagView, HASH, publishAnswer, versionView } from "./samples.ts";

const DAG = "proj-abc-deploy";
const FILES = { "dag.yaml": "dag_id: proj-abc-deploy\n", "-": "[dag]\n" };

Deno.test("publish says what was published, why there, what it may touch and what to do", async () => {
  const routes = { "POST /api/v1/dag/publish": json(publishAnswer) };
  const { code, out, sent } = await runFake(["dag", "publish", "dag.yaml"], {
    routes,
    files: FILES,
  });
  assert.equal(code, 0);
  assert.match(out, /Published proj-abc-deploy v3: nothing runs until somebody confirms it/);
  assert.match(out, /scope +project:abc \(the prefix of the DAG id means the scope project:abc\)/);
  assert.match(out, /worker +worker-project-abc in !worker-project-abc:node1/);
  assert.match(out, /may read and write: the workspace of project abc/);
  assert.match(out, /tasks\[1\]\.resources {2}has no effect yet/);
  assert.match(out, new RegExp(`^ {2}deno task dag confirm ${DAG} ${HASH}$`, "m"));
  assert.match(out, /on the page +http:\/\/127\.0\.0\.1:6767\/dags\/proj-abc-deploy/);
  assert.match(out, /2026-03-01 12:05:00Z, 5 min left/);
  assert.equal(sent[0]?.body, FILES["dag.yaml"]);
  assert.equal(sent[0]?.headers.get("content-type"), "application/yaml");
});

for (
  const [file, type] of [
    ["a.json", "application/json"],
    ["a.YAML", "application/yaml"],
    ["a.yml", "application/yaml"],
    ["dir.json/a.toml", "application/toml"],
    ["a.txt", null],
    ["dir.json/a", null],
    ["-", null],
  ] as const
) {
  Deno.test(`${file} goes out as ${type ?? "something to find out"}`, async () => {
    const routes = { "POST /api/v1/dag/validate": json(publishAnswer) };
    const { sent } = await runFake(["dag", "validate", file], { routes, files: { [file]: "x" } });
    assert.equal(sent[0]?.headers.get("content-type"), type);
    assert.equal(sent[0]?.body, "x");
  });
}

Deno.test("the next command reaches the same node as the same person", async () => {
  const routes = { "POST /api/v1/dag/publish": json(publishAnswer) };
  const files = { ...FILES, "/my.token": "mine" };
  const flags = ["--url", "http://other:1", "--token-file", "/my.token"];
  const { out, sent } = await runFake(["dag", "publish", "dag.yaml", ...flags], { routes, files });
  assert.match(
    out,
    new RegExp(`confirm ${DAG} ${HASH} --url http://other:1 --token-file /my.token$`, "m"),
  );
  assert.equal(sent[0]?.url, "http://other:1/api/v1/dag/publish");
  assert.equal(sent[0]?.headers.get("authorization"), "Bearer mine");
});

Deno.test("a spec with problems: each with its place, exit 1", async () => {
  const errors = [
    { path: "tasks[0].depends_on[1]", code: "unknown_dependency", message: 'no task "biuld"' },
    { path: "", code: "cycle", message: "a → b → a" },
  ];
  const routes = { "POST /api/v1/dag/validate": problem(422, "invalid_spec", { errors }) };
  const { code, out, err } = await runFake(["dag", "validate", "dag.yaml"], {
    routes,
    files: FILES,
  });
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.equal(
    err,
    "error: invalid_spec:\n" +
      '  tasks[0].depends_on[1]  no task "biuld"\n' +
      "  (document)  a → b → a\n",
  );
});

Deno.test("a valid file says so, and which version it would become", async () => {
  const routes = { "POST /api/v1/dag/validate": json({ ...publishAnswer, expires_at: null }) };
  const { code, out } = await runFake(["dag", "validate", "-"], { routes, files: FILES });
  assert.equal(code, 0);
  assert.match(out, /^Valid: proj-abc-deploy would become v3\n/);
  assert.doesNotMatch(out, /confirm/);
});

Deno.test("--json writes the answer as it is", async () => {
  const answer = { ...publishAnswer, from_the_future: [1] };
  const routes = { "POST /api/v1/dag/publish": json(answer) };
  const { code, out, err } = await runFake(["dag", "publish", "dag.yaml", "--json"], {
    routes,
    files: FILES,
  });
  assert.deepEqual([code, JSON.parse(out), err], [0, answer, ""]);
});

Deno.test("--json writes the problem as it is, before or behind the command", async () => {
  const answer = problem(409, "version_conflict", { next_version: 4 });
  const routes = { "POST /api/v1/dag/publish": answer };
  for (const argv of [["--json", "dag", "publish", "-"], ["dag", "publish", "-", "--json"]]) {
    const { code, out, err } = await runFake(argv, { routes, files: FILES });
    assert.equal(code, 4);
    assert.deepEqual(JSON.parse(out), await answer.clone().json());
    assert.equal(err, "");
  }
});

for (
  const [what, answer, code, said] of [
    ["failed work", problem(500, "internal_error"), 1, /request r1/],
    ["a bad request", problem(400, "invalid_request"), 2, /invalid_request/],
    ["an unknown DAG", problem(404, "dag_not_found"), 3, /dag_not_found/],
    ["a conflict", problem(409, "content_changed"), 4, /content_changed/],
    ["a late decision", problem(410, "confirmation_expired"), 4, /Publish it again/],
    ["a missing token", problem(401, "unauthenticated"), 5, /CIS_TOKEN/],
    ["a missing role", problem(403, "forbidden"), 5, /the problem is forbidden/],
    ["a node that is away", refused, 6, /Is the node running\? Start it with: deno task start/],
    ["a page of something else", new Response("<html>"), 6, /is it a node\?/],
    ["a node that can't do it yet", problem(501, "not_implemented"), 1, /not_implemented/],
  ] as const
) {
  Deno.test(`${what} exits with ${code}`, async () => {
    const outcome = await runFake(["dag", "diff", DAG], {
      routes: { [`GET /api/v1/dag/${DAG}/diff`]: answer },
    });
    assert.equal(outcome.code, code);
    assert.match(outcome.err, said);
    assert.equal(outcome.out, "");
  });
}

Deno.test("list shows version, state, scope and last run", async () => {
  const { code, out, err } = await runFake(["dag", "list", "--limit", "5"], {
    routes: { "GET /api/v1/dag": json(dagList({ next_cursor: "n3xt" })) },
  });
  assert.equal(code, 0);
  assert.match(out, /^DAG +VERSION +STATUS +SCOPE +LAST RUN +PUBLISHED$/m);
  assert.match(
    out,
    /^proj-abc-deploy +v3 +waiting_confirmation +project:abc +failed 1 h ago +1 min ago$/m,
  );
  assert.equal(err, "There is more: add --cursor n3xt\n");
});

Deno.test("list passes on where to go on", async () => {
  const { sent } = await runFake(["dag", "list", "--limit", "5", "--cursor", "c"], {
    routes: { "GET /api/v1/dag": json(dagList()) },
  });
  assert.equal(sent[0]?.path, "/api/v1/dag?limit=5&cursor=c");
});

Deno.test("an empty list says what to do", async () => {
  const { code, out, err } = await runFake(["dag", "list"], {
    routes: { "GET /api/v1/dag": json({ count: 0, next_cursor: null, dags: [] }) },
  });
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /deno task dag publish/);
});

Deno.test("pending shows how long there is, and nothing is fine", async () => {
  const pending = [{ ...dagView(), expires_in_sec: 65 }];
  const some = await runFake(["dag", "pending"], {
    routes: { "GET /api/v1/pending": json({ count: 1, pending }) },
  });
  assert.match(some.out, new RegExp(`^${DAG} v3 +project:abc +2 +ci +1 min 05 s +${HASH}$`, "m"));
  assert.match(some.err, /deno task dag confirm proj-abc-deploy/);
  const none = await runFake(["dag", "pending"], {
    routes: { "GET /api/v1/pending": json({ count: 0, pending: [] }) },
  });
  assert.deepEqual([none.code, none.out], [0, ""]);
});

Deno.test("show tells everything that would be executed, in full", async () => {
  const long = `echo ${"x".repeat(500)}`;
  const view = dagView();
  const tasks = view.spec.tasks.map((task) =>
    task.id === "ship" && task.type === "shell" ? { ...task, command: long } : task
  );
  const { out, sent } = await runFake(["dag", "show", DAG, "--version", "2"], {
    routes: { [`GET /api/v1/dag/${DAG}`]: json({ ...view, spec: { ...view.spec, tasks } }) },
  });
  assert.equal(sent[0]?.path, `/api/v1/dag/${DAG}?version=2`);
  assert.match(out, /^ {4}\$ make clean\n {4}make build$/m);
  assert.match(out, new RegExp(`^ {4}\\$ ${long}$`, "m"));
  assert.match(out, /after build; with TARGET=live/);
  assert.match(out, /on failure: make unship/);
  assert.match(out, /5 min left/);
});

Deno.test("show tells what each type of task does", async () => {
  const tasks = [
    { id: "m", type: "deno", module: "jobs/a.ts", args: { n: 1 } },
    { id: "s", type: "deno", script: "export default () => 1;" },
    {
      id: "h",
      type: "http",
      request: { method: "POST", url: "https://x.example/", headers: { a: "b" }, body: { c: 1 } },
    },
    { id: "k", type: "skill", skill: "mail", method: "send", params: { to: "me" } },
    { id: "g", type: "approval" },
    {
      id: "n",
      type: "noop",
      secrets: ["NPM_TOKEN"],
      cwd: "sub",
      timeout: "5m",
      on_failure: "ignorable",
    },
  ];
  const view = dagView();
  const spec = { ...view.spec, tasks: tasks as unknown as typeof view.spec.tasks };
  const { out } = await runFake(["dag", "show", DAG], {
    routes: { [`GET /api/v1/dag/${DAG}`]: json(dagView({ spec })) },
  });
  assert.match(out, /jobs\/a\.ts\n {4}args \{"n":1\}/);
  assert.match(out, /export default \(\) => 1;/);
  assert.match(out, /POST https:\/\/x\.example\/\n {4}headers \{"a":"b"\}\n {4}body \{"c":1\}/);
  assert.match(out, /skill mail\.send \{"to":"me"\}/);
  assert.match(out, /waits until a person agrees/);
  assert.match(out, /may fail; at most 5m; in sub; secrets NPM_TOKEN/);
});

Deno.test("what a DAG is called can't change what a terminal shows", async () => {
  const { out } = await runFake(["dag", "show", DAG], {
    routes: { [`GET /api/v1/dag/${DAG}`]: json(dagView({ description: "\x1b[2J\u202egone" })) },
    color: true,
  });
  assert.match(out, /\\u\{1b\}\[2J\\u\{202e\}gone/);
});

Deno.test("versions tell what became of each", async () => {
  const versions = [
    versionView(),
    versionView({ version: 2, status: "rejected", reason: "不行" }),
  ];
  const { out } = await runFake(["dag", "versions", DAG], {
    routes: {
      [`GET /api/v1/dag/${DAG}/versions`]: json({ count: 2, next_cursor: null, versions }),
    },
  });
  assert.match(out, /^v3 +waiting_confirmation/m);
  assert.match(out, /^v2 +rejected .*不行$/m);
});

Deno.test("status tells how version and last run stand", async () => {
  const { code, out } = await runFake(["dag", "status", DAG], {
    routes: { [`GET /api/v1/dag/${DAG}/status`]: json(dagStatus()) },
  });
  assert.equal(code, 0);
  assert.match(out, /^proj-abc-deploy v3 {2}confirmed$/m);
  assert.match(out, /last run +dag-run-\S+ {2}running$/m);
  assert.match(out, /tasks +1 of 2 completed/);
});

Deno.test("status of a rejected version tells why", async () => {
  const status = dagStatus({ version_status: "rejected", reason: "too broad", last_run: null });
  const { out } = await runFake(["dag", "status", DAG], {
    routes: { [`GET /api/v1/dag/${DAG}/status`]: json(status) },
  });
  assert.match(out, /reason +too broad/);
  assert.doesNotMatch(out, /last run/);
});

Deno.test("diff and analyze show whatever the node answers", async () => {
  const changes = [{ path: "tasks[0].command", from: "a\nb", to: "c" }, "plain"];
  const answer = { from: 1, to: 2, changes, nothing: null, empty: [] };
  const { out, sent } = await runFake(["dag", "diff", DAG, "1", "2"], {
    routes: { [`GET /api/v1/dag/${DAG}/diff`]: json(answer) },
  });
  assert.equal(sent[0]?.path, `/api/v1/dag/${DAG}/diff?from=1&to=2`);
  assert.match(out, /path {2}tasks\[0\]\.command/);
  assert.match(out, /- plain/);
  assert.doesNotMatch(out, /nothing|empty/);
  const analysis = await runFake(["dag", "analyze", DAG], {
    routes: { [`POST /api/v1/dag/${DAG}/analyze`]: json({ what_to_do: ["retry"] }) },
  });
  assert.match(analysis.out, /what to do\n {2}- retry/);
});

Deno.test("run starts the confirmed version and says how to follow it", async () => {
  const answer = { success: true, run_id: "r1", status: "queued", message: "It runs as r1." };
  const { code, out, err } = await runFake(["dag", "run", DAG], {
    routes: { [`POST /api/v1/dag/${DAG}/run`]: json(answer) },
  });
  assert.deepEqual([code, out], [0, "It runs as r1.\n"]);
  assert.match(err, /deno task run watch r1/);
});

Deno.test("the local node is asked as its owner", async () => {
  const { sent } = await runFake(["dag", "pending"], {
    routes: { "GET /api/v1/pending": json({ count: 0, pending: [] }) },
    files: { "/data/owner.token": "did:cis:node1:secret\n" },
  });
  assert.equal(sent[0]?.url, `${NODE_URL}/api/v1/pending`);
  assert.equal(sent[0]?.headers.get("authorization"), "Bearer did:cis:node1:secret");
});
