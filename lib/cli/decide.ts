/** `dag confirm` and `dag reject`: a person says yes or no to what they have seen. */
import { dataOf } from "../api/client.ts";
import type { CliContext } from "./context.ts";
import { showVersion } from "./dag_view.ts";
import { EXIT } from "./exit_code.ts";
import { showStarted } from "./run_action.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of `dag confirm`. */
export interface ConfirmFlags {
  readonly hash?: string;
  readonly yes?: boolean;
  readonly watch?: boolean;
}

/**
 * Confirms the version with `hash`; without one, shows what waits and asks. What is confirmed is
 * always what was shown, even if something else is published in the meantime.
 * @throws {UsageError} when a question is needed and nobody can answer
 */
export async function confirmDag(
  context: CliContext,
  dagId: string,
  flags: ConfirmFlags = {},
): Promise<number> {
  const agreed = flags.hash ?? await agreedHash(context, dagId, flags);
  if (agreed === undefined) {
    context.out.note("Nothing was confirmed.");
    return EXIT.failed;
  }
  const answer = dataOf(await context.client.confirm(dagId, { spec_hash: agreed }));
  return await showStarted(context, answer, flags);
}

async function agreedHash(
  context: CliContext,
  dagId: string,
  flags: ConfirmFlags,
): Promise<string | undefined> {
  const { out } = context;
  const view = dataOf(await context.client.getDag(dagId));
  // Anything else has been decided or is over: the node says which.
  if (view.status !== "waiting_confirmation") return view.spec_hash;
  if (!flags.yes && (!context.canAsk || out.json)) {
    throw new UsageError(
      `Nobody can be asked whether to run ${dagId}`,
      "Give the hash of what to confirm, or --yes for whatever waits",
    );
  }
  if (!out.json) showVersion(out, view, context.now());
  if (flags.yes) return view.spec_hash;
  const answer = await context.ask(`Run ${view.dag_id} v${view.version}? [y/N] `);
  return isYes(answer) ? view.spec_hash : undefined;
}

/** Whether an answer is a yes; anything unclear is a no. */
export function isYes(answer: string | null): boolean {
  return /^\s*y(es)?\s*$/i.test(answer ?? "");
}

/** Flags of `dag reject`. */
export interface RejectFlags {
  readonly hash?: string;
  readonly reason?: string;
}

/**
 * Refuses the version that waits, with a reason.
 * @throws {UsageError} when there is no reason and nobody to ask for one
 */
export async function rejectDag(
  context: CliContext,
  dagId: string,
  flags: RejectFlags = {},
): Promise<number> {
  const { client, out } = context;
  const reason = (flags.reason ?? await askReason(context, dagId)).trim();
  if (reason === "") throw new UsageError("A reason is needed", "Give --reason <text>");
  const answer = dataOf(await client.reject(dagId, { reason, spec_hash: flags.hash }));
  if (out.json) out.document(answer);
  else out.line(answer.message);
  return EXIT.done;
}

async function askReason(context: CliContext, dagId: string): Promise<string> {
  if (!context.canAsk || context.out.json) return "";
  return await context.ask(`Why is ${dagId} rejected? `) ?? "";
}
