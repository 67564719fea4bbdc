/** The CLI as a whole: from arguments to an exit code. */
import { Command, CommanderError } from "commander";
import { createClient, ProblemError } from "../api/client.ts";
import { ConfigError } from "../config.ts";
import { addBackupCommand } from "./backup.ts";
import { findConnection } from "./connection.ts";
import type { Bind, CliContext } from "./context.ts";
import { addDagCommands } from "./dag.ts";
import { addDebtCommands } from "./debt.ts";
import { addDecisionCommands } from "./decision.ts";
import { addDemoCommand } from "./demo.ts";
import { addDoctorCommand } from "./doctor.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { addLogCommands } from "./logs.ts";
import { addMatrixCommands } from "./matrix.ts";
import { Output } from "./output.ts";
import { showProblem } from "./problem_view.ts";
import { addRunCommands } from "./run.ts";
import { addSecretCommands } from "./secret.ts";
import { addTokenCommands } from "./token.ts";
import { UsageError } from "./usage_error.ts";
import { addWorkerCommands } from "./worker.ts";

/** The machine that the CLI runs on. */
export interface CliSystem extends Pick<CliContext, SystemParts> {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Whether colours are wanted and can be shown. */
  readonly color: boolean;
  readonly fetch: typeof globalThis.fetch;
  /** What environment and settings say about the node. @throws {ConfigError} */
  nodeSettings(): { url?: string; token?: string; dataDir: string; localUrl: string };
  readTextFile(path: string): string;
}

type SystemParts =
  | "ask"
  | "canAsk"
  | "readText"
  | "fileExists"
  | "moveFile"
  | "readSecret"
  | "now"
  | "onInterrupt"
  | "spawnWorker"
  | "matrixSettings"
  | "remoteWorker"
  | "startDemoNode";

interface GlobalFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/**
 * Runs one command.
 * @param argv what stands behind `cli.ts`, e.g. `["dag", "list"]`
 * @returns the exit code
 */
export async function runCli(argv: readonly string[], system: CliSystem): Promise<number> {
  let code: number = EXIT.done;
  const program = buildProgram(system, (action) => async (...args) => {
    // Commander puts the command itself behind the arguments.
    const context = contextOf(system, globalFlags(args.at(-1)));
    code = await action(context, ...args);
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return reportError(new Output({ ...system, json: argv.includes("--json") }), error);
  }
}

/** All commands, as commander knows them. */
export function buildProgram(
  system: Pick<CliSystem, "writeOut" | "writeError">,
  bind: Bind,
): Command {
  const program = new Command("deno task")
    .description("DAGs: publish, confirm, run, watch")
    .option("--url <url>", "address of the node; default: CIS_URL, else the node on this machine")
    .option("--token-file <path>", "file with a token; default: CIS_TOKEN, else the owner's")
    .option("--json", "write what the node answers as JSON")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: system.writeOut, writeErr: system.writeError })
    .showHelpAfterError("Add --help to see how it is used.")
    .exitOverride();
  addDagCommands(program, bind);
  addRunCommands(program, bind);
  addLogCommands(program, bind);
  addDecisionCommands(program, bind);
  addDebtCommands(program, bind);
  addWorkerCommands(program, bind);
  addTokenCommands(program, bind);
  addBackupCommand(program, bind);
  addSecretCommands(program, bind);
  addMatrixCommands(program, bind);
  addDoctorCommand(program, bind);
  addDemoCommand(program, bind);
  return program;
}

function globalFlags(command: unknown): GlobalFlags {
  return command instanceof Command ? command.optsWithGlobals<GlobalFlags>() : {};
}

function contextOf(system: CliSystem, flags: GlobalFlags): CliContext {
  const { readTextFile, fetch } = system;
  const { localUrl, ...settings } = system.nodeSettings();
  const connection = findConnection({ ...settings, localUrl, flags, readTextFile });
  const out = new Output({ ...system, json: flags.json ?? false });
  return {
    ...system,
    out,
    client: createClient({ baseUrl: connection.url, token: connection.token, fetch }),
    nodeFlags: flagsText(flags),
    at: (node) => contextOf(system, { ...flags, ...node }),
  };
}

/** The flags that a suggested command needs to reach the same node as the same person. */
function flagsText({ url, tokenFile }: GlobalFlags): string {
  const flags = [["--url", url], ["--token-file", tokenFile]] as const;
  return flags.filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name} ${value}`).join("");
}

function reportError(out: Output, error: unknown): number {
  if (error instanceof ProblemError) {
    showProblem(out, error.problem);
    return exitCodeOf(error.problem);
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const [first, ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
  out.note(`${out.paint("red", "error:")} ${first}`);
  for (const line of rest) out.note(line);
  if (error instanceof UsageError && error.hint !== undefined) out.note(error.hint);
  const isUsage = error instanceof UsageError || error instanceof ConfigError;
  return isUsage ? EXIT.usage : EXIT.failed;
}
