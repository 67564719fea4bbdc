import assert from "node:assert/strict";
import { ProblemError, type Result } from "../../lib/api/client.ts";
import type { EventView, ProblemDocument, RunView } from "../../lib/schema/api.ts";
import { followRun, type RunSource } from "../../lib/ui/follow_run.ts";
import { within } from "../helpers/deadline.ts";

/** A node that answers as the test says. */
function source(
  events: AsyncIterable<void>,
  answer: (asked: number) => Result<RunView>,
): RunSource & { asked: number; from: string | undefined } {
  const fake = {
    asked: 0,
    from: undefined as string | undefined,
    getRun: () => Promise.resolve(answer(++fake.asked)),
    followRunEvents: async function* (
      _: string,
      options: { lastEventId?: string } = {},
    ): AsyncGenerator<EventView, void> {
      fake.from = options.lastEventId;
      for await (const _event of events) yield {} as EventView;
    },
  };
  return fake;
}

function run(completed: number): Result<RunView> {
  return { ok: true, data: { completed_tasks: completed } as RunView };
}

function refused(status: number): Result<RunView> {
  return { ok: false, problem: { status, detail: "no", code: "x" } as ProblemDocument };
}

const NEVER = new AbortController().signal;

Deno.test("a run is shown at once and at its end; a burst of events is one look", async () => {
  const shown: number[] = [];
  const node = source(burst(1_000), run);
  const show = ({ completed_tasks }: RunView): void => void shown.push(completed_tasks);
  await within(
    followRun(node, { runId: "r", after: 7, show, signal: NEVER }),
    "the end of the run",
  );
  assert.equal(node.from, "7");
  assert.ok(shown.length >= 2 && shown.length <= 3, `shown ${shown.length} times`);
  assert.equal(shown.at(-1), node.asked);
});

async function* burst(count: number): AsyncGenerator<void> {
  for (let i = 0; i < count; i++) yield await Promise.resolve();
}

Deno.test("a refusal ends it, whether the run or its events are refused", async () => {
  const options = { runId: "r", after: 0, show: () => {}, signal: NEVER };
  const byRun = followRun(source(burst(1), () => refused(401)), options);
  await assert.rejects(within(byRun, "the refusal"), ProblemError);
  async function* refuses(): AsyncGenerator<void> {
    yield;
    throw new ProblemError({ status: 401 } as ProblemDocument);
  }
  const byEvents = followRun(source(refuses(), run), options);
  await assert.rejects(within(byEvents, "the refusal"), ProblemError);
});

Deno.test("a node that is away is asked again", async () => {
  const shown: number[] = [];
  const node = source(burst(0), (asked) => asked === 1 ? refused(0) : run(asked));
  const show = ({ completed_tasks }: RunView): void => void shown.push(completed_tasks);
  await within(followRun(node, { runId: "r", after: 0, show, signal: NEVER }), "the end");
  assert.equal(shown[0], 2);
});

Deno.test("the signal ends it without an error", async () => {
  const stop = new AbortController();
  const endless = async function* (): AsyncGenerator<void> {
    yield;
    if (stop.signal.aborted) return;
    await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  };
  const show = (): void => stop.abort();
  await within(
    followRun(source(endless(), run), { runId: "r", after: 0, show, signal: stop.signal }),
    "its end",
  );
});
