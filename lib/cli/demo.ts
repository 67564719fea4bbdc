/** `deno task demo`: the whole path, from a file to a result, in one terminal. */
import type { Command } from "commander";
import { type DagSource, dataOf } from "../api/client.ts";
import type { Bind, CliContext, DemoNode, ProcessEnd } from "./context.ts";
import { readDagSource } from "./dag_source.ts";
import { showVersion } from "./dag_view.ts";
import { isYes } from "./decide.ts";
import { EXIT } from "./exit_code.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage_error.ts";
import { watchRun } from "./watch_run.ts";

const DEFAULT_FILE = "examples/hello.yaml";

/** Adds `demo`. */
export function addDemoCommand(program: Command, bind: Bind): void {
  program.command("demo [file]")
    .description(
      "Start a node with data of its own, publish a DAG, confirm it and watch it run.\n" +
        `Without a file it is ${DEFAULT_FILE}. Nothing is left behind.`,
    )
    .option("-y, --yes", "don't ask, and stop the node after the run")
    .action(
      bind((context, file: string | undefined, flags: DemoFlags) =>
        runDemo(context, { ...flags, file })
      ),
    );
}

/** Flags of `demo`. */
export interface DemoFlags {
  readonly file?: string;
  readonly yes?: boolean;
}

/**
 * Shows the whole path on a node of its own.
 * @returns the run's exit code with `yes`; otherwise 0 when the node was stopped by Ctrl-C
 * @throws {UsageError} when a question is needed and nobody can answer
 */
export async function runDemo(context: CliContext, flags: DemoFlags): Promise<number> {
  if (!flags.yes && (!context.canAsk || context.out.json)) {
    throw new UsageError("Nobody can be asked whether to run the demo", "Give --yes");
  }
  const source = await readDagSource(context, flags.file ?? DEFAULT_FILE);
  const say = (text: string): void => context.out.note(context.out.paint("dim", text));
  say("1. Starting a node with data of its own …");
  const node = await context.startDemoNode();
  let interrupt = (): void => {};
  const interrupted = new Promise<"interrupted">((resolve) => {
    interrupt = () => resolve("interrupted");
  });
  const stopListening = context.onInterrupt(interrupt);
  try {
    const there = context.at({ url: node.url, tokenFile: node.tokenFile });
    const work = publishAndRun(there, { source, flags, say, url: node.url });
    const outcome = await Promise.race([work, interrupted, node.ended.then(endedTooEarly)]);
    if (outcome === "interrupted" || outcome === undefined) return EXIT.failed;
    if (!flags.yes) {
      showWhereToLook(there.out, node);
      await Promise.race([interrupted, node.ended]);
    }
    return outcome;
  } finally {
    say("Stopping the node and removing its data …");
    stopListening();
    await node.stop();
  }
}

interface Steps {
  readonly source: DagSource;
  readonly flags: DemoFlags;
  readonly say: (text: string) => void;
  /** Address of the demo's node. */
  readonly url: string;
}

/** @returns the run's exit code, or undefined when it was not agreed to */
async function publishAndRun(context: CliContext, steps: Steps): Promise<number | undefined> {
  const { client, out } = context;
  const { source, flags, say, url } = steps;
  say("2. Publishing the DAG …");
  const published = dataOf(await client.publish(source));
  const { dag_id, spec_hash, version } = published;
  say("3. It waits. This is what would run and what it may touch:");
  if (out.json) out.jsonLine(published);
  else showVersion(out, dataOf(await client.getDag(dag_id, { version })), context.now());
  if (!flags.yes && !isYes(await context.ask(`Run ${dag_id} v${version}? [y/N] `))) {
    dataOf(await client.reject(dag_id, { reason: "not agreed to in the demo", spec_hash }));
    out.note("Rejected: nothing runs.");
    return undefined;
  }
  const { run_id } = dataOf(await client.confirm(dag_id, { spec_hash }));
  say(`4. Confirmed: ${run_id} runs.`);
  const code = await watchRun(context, run_id, { advice: !flags.yes });
  if (!out.json) out.line(`${out.paint("bold", "Its page")}  ${url}/runs/${run_id}`);
  return code;
}

function showWhereToLook(out: Output, node: DemoNode): void {
  if (out.json) return;
  out.line(out.paint("bold", "Look at it"));
  const links = node.links.length > 0 ? node.links : [node.url];
  for (const line of links) out.line(`  ${line}`);
  out.note("The node runs until Ctrl-C.");
}

function endedTooEarly(end: ProcessEnd): never {
  throw new Error(`The node ended before the demo did, with ${end.signal ?? `code ${end.code}`}`);
}
