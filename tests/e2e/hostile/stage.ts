/** What hostile tasks run against: a real node, things worth taking, and a look at what happened. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dataOf } from "../../../lib/api/client.ts";
import type { RunView, TaskView } from "../../../lib/schema/api.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  type StartOptions,
  waitForEnd,
  withNodeProcess,
} from "../../helpers/node_process.ts";

const DATA = fileURLToPath(new URL("../../testdata/hostile/", import.meta.url));
const RUN_DEADLINE_MS = 120_000;

/** What a task would have to get hold of, to have got through. */
export const TREASURE = "the-treasure-of-another-scope";
/** A variable of the node's environment that nobody granted. */
export const NODE_SECRET = "the-secret-of-the-node";

/** The scope that has the stage's secret: that of prints_a_secret_in_pieces. */
const GIVEN_TO = "project:prints-a-secret-in-pieces";

/** A node with its surroundings. */
export class Stage {
  readonly node: NodeProcess;
  /** A directory outside of everything that was granted; its owner is who runs the node. */
  readonly outside: string;
  /** Argument by which the processes of this test are told from others. */
  readonly marker = String(100_000 + Math.floor(Math.random() * 900_000));
  /** A secret of the node, which only one of the DAGs is given. */
  readonly secret = `pieces-of-eight-${this.marker}-at-sea`;
  /** How many connections to the other port there were. */
  connections = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  private constructor(node: NodeProcess, outside: string) {
    this.node = node;
    this.outside = outside;
    void this.#accept();
  }

  /** Runs `use` with a node, and takes everything away afterwards. */
  static async set(
    use: (stage: Stage) => Promise<void>,
    options: StartOptions = {},
  ): Promise<void> {
    const outside = await Deno.makeTempDir({ prefix: "cis-outside-" });
    await options.user?.own(outside);
    try {
      await withNodeProcess(async (node) => {
        const stage = new Stage(node, outside);
        try {
          await stage.#hideTreasure();
          dataOf(await node.client.secrets.set("PIECES", { value: stage.secret, scope: GIVEN_TO }));
          await use(stage);
        } finally {
          stage.#listener.close();
        }
      }, { ...options, env: { CIS_TEST_CANARY: NODE_SECRET } });
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  }

  /** Carries a hostile DAG out in a project of its own. */
  async run(name: string): Promise<RunView> {
    const doc = await this.document(name);
    const { run_id } = await publishAndConfirm(this.node.client, doc);
    return await waitForEnd(this.node.client, run_id, RUN_DEADLINE_MS);
  }

  /** A hostile DAG with its placeholders filled in. */
  async document(name: string): Promise<unknown> {
    const text = (await Deno.readTextFile(join(DATA, `${name}.yaml`)))
      .replace("project_id: hostile", `project_id: ${name.replaceAll("_", "-")}`)
      .replaceAll("{{data_dir}}", this.node.dataDir)
      .replaceAll("{{outside}}", this.outside)
      .replaceAll("{{other_workspace}}", join(this.node.dataDir, "workspaces", "project-other"))
      .replaceAll("{{port}}", new URL(this.node.url).port)
      .replaceAll("{{other_port}}", String((this.#listener.addr as Deno.NetAddr).port))
      .replaceAll("{{marker}}", this.marker);
    const { parse } = await import("yaml");
    return parse(text);
  }

  /** All that a run printed. */
  async output(run: RunView): Promise<string> {
    const lines: string[] = [];
    let cursor: string | undefined;
    do {
      const page = dataOf(await this.node.client.runLogs(run.run_id, { cursor, limit: 1000 }));
      lines.push(...page.lines.map(({ text }) => text));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return lines.join("\n");
  }

  /** Files that are outside of the workspaces. */
  taken(): string[] {
    return [...Deno.readDirSync(this.outside)].map(({ name }) => name);
  }

  /** Processes with the marker among their arguments. */
  marked(): string[] {
    return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))
      .map(({ name }) => {
        try {
          return Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
        } catch {
          // It has ended meanwhile.
          return "";
        }
      }).filter((command) => command.includes(this.marker));
  }

  async #hideTreasure(): Promise<void> {
    const { client } = this.node;
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "treasure",
      scope: { type: "project", project_id: "other" },
      tasks: [{ id: "hide", command: `echo ${TREASURE} > treasure` }],
    });
    const run = await waitForEnd(client, run_id);
    if (run.status === "completed") return;
    throw new Error(`no treasure: ${run.error}\n${await this.output(run)}`);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.connections++;
      connection.close();
    }
  }
}

/** One task of a run. */
export function taskOf(run: RunView, taskId: string): TaskView {
  const task = run.tasks?.find(({ task_id }) => task_id === taskId);
  if (task === undefined) throw new Error(`the run has no task "${taskId}"`);
  return task;
}

/** Stable code of how a task's last attempt failed. */
export function failureCode(run: RunView, taskId: string): string | null {
  return taskOf(run, taskId).attempts.at(-1)?.error_code ?? null;
}
