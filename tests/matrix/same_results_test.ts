/** The same DAGs come to the same results, whichever way tasks and results take. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseSpecText } from "../../lib/schema/parse_spec.ts";
import type { RunView } from "../../lib/schema/api.ts";
import { eventually } from "../helpers/eventually.ts";
import { withMatrixNode } from "../helpers/matrix_node.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { call, getRun, startDag, type TestNode } from "../helpers/test_node.ts";
import { WebServer } from "../helpers/web_server.ts";
import { dagOf } from "../helpers/with_worker.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
/** Those that need nothing of the world, and whose outputs hold no time and no measure. */
const FILES = [
  "approve-release.yaml",
  "fails-in-the-middle.yaml",
  "hello.yaml",
  "leap-seconds.yaml",
  "release-notes.yaml",
  "user-alice-tidy.toml",
];
/** Those that are to fail. */
const FAILING = [
  "example-fails-in-the-middle",
  "shells",
  "slow",
  "throws",
  "refused",
  "nobody",
  "undone",
];
const END_MS = 60_000;

/** Where a DAG runs, and what its workspace is. */
interface Side {
  readonly project: string;
  readonly workspace: string;
}

Deno.test("the same DAGs give the same results on both transports", async (t) => {
  await withSynapse((synapse) =>
    withTempDir(async (dir) => {
      await using web = new WebServer();
      const sides: Side[] = ["here", "there"].map((project) => ({
        project,
        workspace: join(dir, project),
      }));
      for (const { workspace } of sides) await fill(workspace);
      const config = {
        matrix: { homeserver: synapse.url, scopes: ["project:there"], elsewhere: [] },
        workspaces: Object.fromEntries(
          sides.map(({ project, workspace }) => [`project:${project}`, workspace]),
        ),
      };
      await withMatrixNode(synapse, async ({ node }) => {
        await call(node.fetch, "/api/v1/secrets/SECRET", {
          method: "PUT",
          body: { value: "not for everybody" },
        });
        for (const dag of [...examples(), ...ownDags(web.url)]) {
          await t.step(dag.dag_id, async () => {
            const [here, there] = await Promise.all(sides.map((side) => result(node, dag, side)));
            assert.deepEqual(there, here);
            const end = FAILING.includes(dag.dag_id) ? "failed" : "completed";
            const { status, error } = here as { status: string; error: string | null };
            assert.equal(status, end, error ?? "");
          });
        }
        // Each went the way that it was to go.
        assert.equal(node.node.transport.access("worker-project-here"), undefined);
        assert.ok(node.node.transport.access("worker-project-there"));
      }, config);
    })
  );
});

type Dag = Record<string, unknown> & { readonly dag_id: string };

function examples(): Dag[] {
  return FILES.map((name) => {
    const parsed = parseSpecText(Deno.readTextFileSync(new URL(name, EXAMPLES)));
    assert.ok(parsed.ok);
    return { ...parsed.spec, dag_id: `example-${parsed.spec.dag_id}` };
  });
}

/** What the examples leave out: each kind of task, in success and in each kind of failure. */
function ownDags(url: string): Dag[] {
  const dag = (dag_id: string, tasks: Record<string, object>, more: object = {}): Dag =>
    dagOf(tasks, { dag_id, ...more }) as Dag;
  const shell = (command: string, more: object = {}): object => ({
    type: "shell",
    command,
    ...more,
  });
  return [
    dag("noops", { a: { type: "noop" }, b: { type: "noop", depends_on: ["a"] } }),
    dag("shells", {
      out: shell('printf "one\\ntwo\\nthree"; echo four >&2; echo "n=1" > "$CIS_OUTPUT"'),
      secret: shell('echo "it is $SECRET"; echo "s=$SECRET" > "$CIS_OUTPUT"', {
        secrets: ["SECRET"],
      }),
      text: shell("echo 'text=Grüße, 世界 \\' > \"$CIS_OUTPUT\""),
      fails: shell("echo so >&2; exit 3"),
      skipped: shell("true", { depends_on: ["fails"] }),
      after: shell("echo after", { depends_on: ["fails"], run_if: "any_failed" }),
    }),
    dag("slow", { a: shell("echo begun; sleep 20", { timeout: "300ms" }) }),
    dag("denos", {
      outputs: {
        type: "deno",
        script: "export default ({ inputs }) => ({ inputs, deep: { list: [1, null, 'x'] } })",
      },
      next: {
        type: "deno",
        depends_on: ["outputs"],
        script: "export default ({ inputs, log }) => { log('said'); return inputs.outputs.deep }",
      },
    }),
    dag("throws", {
      a: { type: "deno", script: 'export default () => { throw new Error("no") }' },
    }),
    dag("https", {
      gets: { type: "http", request: { url: `${url}/text` } },
      reads: { type: "http", request: { url: `${url}/json` }, depends_on: ["gets"] },
    }),
    dag("refused", { a: { type: "http", request: { url: `${url}/status/500` } } }),
    dag("nobody", { a: { type: "http", request: { url: "http://127.0.0.1:9/" } } }),
    dag("large", {
      // More than an event bears, as lines and as inputs.
      one: {
        type: "deno",
        script: "export default ({ log }) => { for (let n = 0; n < 5000; n++) log(`line ${n} é`);" +
          " return { text: 'x'.repeat(30_000) } }",
      },
      two: { type: "deno", script: "export default () => ({ text: 'y'.repeat(30_000) })" },
      reads: {
        type: "deno",
        depends_on: ["one", "two"],
        script: "export default ({ inputs }) => (" +
          "{ length: inputs.one.text.length + inputs.two.text.length })",
      },
    }),
    dag("undone", {
      a: shell("touch undo-a", { rollback: ["rm undo-a; echo undone"] }),
      b: shell("exit 1", { depends_on: ["a"], retry: { max_attempts: 2, delay: "10ms" } }),
    }),
  ];
}

/** Runs a DAG. @returns all that it came to, but for times, ids and places */
async function result(node: TestNode, dag: Dag, { project, workspace }: Side): Promise<unknown> {
  const { run_id } = await startDag(node.fetch, {
    ...dag,
    dag_id: `${dag.dag_id}-${project}`,
    scope: { type: "project", project_id: project },
  });
  const run = await eventually(
    async () => {
      const now = await getRun(node.fetch, run_id);
      for (const { decision_id, status } of now.decisions) {
        if (status === "open") await approve(node, decision_id);
      }
      return now.finished_at === null ? undefined : now;
    },
    `the end of ${run_id}`,
    END_MS,
  );
  const lines = node.node.logs.read({ runId: run_id }, { after: 0, limit: 10_000 });
  const told = JSON.stringify({
    ...bare(run),
    // Lines of tasks that run at the same time come as they come.
    lines: Object.groupBy(
      lines.map(({ task_id, attempt, stream, text }) => ({
        of: `${task_id} ${attempt} ${stream}`,
        text,
      })),
      ({ of }) => of,
    ),
  });
  const plain = told.replaceAll(workspace, "<workspace>").replaceAll(`-${project}`, "-<project>")
    .replaceAll(/\(\d+ ms\)/g, "(<n> ms)").replaceAll(/"date":"[^"]+"/g, '"date":"<date>"');
  return JSON.parse(plain);
}

async function approve(node: TestNode, id: string): Promise<void> {
  await node.fetch(`/api/v1/decisions/${id}/approve`, { method: "POST", body: {} });
}

function bare({ status, error, completed_tasks, tasks, decisions, debts }: RunView): object {
  return {
    ...{ status, error, completed_tasks, debts: debts.length },
    decisions: decisions.map(({ task_id, status }) => [task_id, status]),
    tasks: tasks.map(({ task_id, status, outputs, error, rollback, attempts }) => ({
      ...{ task_id, status, outputs, error, rollback },
      attempts: attempts.map(({ attempt, kind, status, exit_code, error, error_code }) => ({
        ...{ attempt, kind, status, exit_code, error, error_code },
      })),
    })),
  };
}

/** A workspace with what the examples read. */
async function fill(workspace: string): Promise<void> {
  for (const folder of ["data", "modules"]) {
    await Deno.mkdir(join(workspace, "examples", folder), { recursive: true });
    for await (const { name } of Deno.readDir(new URL(`${folder}/`, EXAMPLES))) {
      const from = new URL(`${folder}/${name}`, EXAMPLES);
      await Deno.copyFile(from, join(workspace, "examples", folder, name));
    }
  }
}
