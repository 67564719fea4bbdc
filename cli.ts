/** `deno task dag|run|worker|token|secret|demo …`: arguments in, exit code out. */
import { runCli } from "./lib/cli/program.ts";
import { denoSystem } from "./lib/cli/system.ts";

if (import.meta.main) Deno.exit(await runCli(Deno.args, denoSystem()));
