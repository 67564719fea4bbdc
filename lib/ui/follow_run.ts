/** Keeps the view of a run up to date: its events say when, the run itself is asked for. */
import { type Client, ProblemError } from "../api/client.ts";
import { pause } from "../api/pause.ts";
import type { RunView } from "../schema/api.ts";
import { ChangeFlag } from "./change_flag.ts";

/** What of the client is needed. */
export type RunSource = Pick<Client, "getRun" | "followRunEvents">;

/** How to follow a run. */
export interface FollowRunOptions {
  readonly runId: string;
  /** The last event that what is shown already knows of. */
  readonly after: number;
  readonly show: (run: RunView) => void;
  readonly signal: AbortSignal;
}

/** Shortest time between two questions in milliseconds. */
const REST_MS = 200;
/** How long to wait before asking a node again that did not answer, in milliseconds. */
const AWAY_MS = 1_000;

/**
 * Shows a run at once and after each change, until it has ended or the signal says so. Changes that
 * come while one is being loaded are shown together.
 * @throws {ProblemError} when the node refuses, for instance because the session is over
 */
export async function followRun(client: RunSource, options: FollowRunOptions): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const changes = new ChangeFlag();
  // Whatever happened while nobody looked is not told again.
  changes.raise();
  const listen = async (): Promise<void> => {
    const lastEventId = String(options.after);
    const events = client.followRunEvents(options.runId, { lastEventId, signal });
    for await (const _event of events) changes.raise();
    // The end of a run comes as the end of its stream.
    if (!signal.aborted) changes.raise();
  };
  const listening = listen().finally(() => changes.end());
  // Awaited below; when loading fails first, that is the failure to tell of.
  listening.catch(() => undefined);
  try {
    while (await changes.next()) {
      const loaded = await load(client, { runId: options.runId, signal });
      if (loaded === undefined) break;
      options.show(loaded.run);
      // A run of thousands of tasks takes long to load: it may have a third of the time.
      await pause(Math.max(REST_MS, 2 * loaded.tookMs), signal);
    }
  } finally {
    stop.abort();
  }
  await listening;
}

/** Asks until there is an answer. @returns undefined when the signal came first */
async function load(
  client: RunSource,
  { runId, signal }: { runId: string; signal: AbortSignal },
): Promise<{ run: RunView; tookMs: number } | undefined> {
  while (!signal.aborted) {
    const started = performance.now();
    const result = await client.getRun(runId, { signal });
    if (signal.aborted) break;
    if (result.ok) return { run: result.data, tookMs: performance.now() - started };
    const { status } = result.problem;
    if (status !== 0 && status < 500) throw new ProblemError(result.problem);
    await pause(AWAY_MS, signal);
  }
  return undefined;
}
