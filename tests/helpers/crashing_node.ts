/**
 * A node as main.ts starts it, but for one thing: it dies of SIGKILL at the point that `CRASH_AT` names,
 * when it comes there for the `CRASH_NTH` time.
 */
import { startFromCommandLine } from "../../lib/start.ts";
import { createApp } from "../../main.ts";
import { crashPoint, dieAt } from "./crash_point.ts";

const name = Deno.env.get("CRASH_AT");
if (name !== undefined) dieAt(crashPoint(name), Number(Deno.env.get("CRASH_NTH") ?? "1"));
await startFromCommandLine(Deno.args, createApp);
