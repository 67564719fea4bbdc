/** What this node says to another about one run, and what it hears of it. */
import { dataOf, type Requester } from "../api/client_request.ts";
import { followSse } from "../api/sse_follower.ts";
import type { EventView, RunView } from "../schema/api.ts";
import type { ExecuteAnswer, ExecuteBody } from "../schema/handover.ts";

/** Connections in a row that may fail before the one who follows looks again at what to do. */
const MAX_FAILURES = 3;

export class HandoverClient {
  readonly #requester: Requester;
  readonly #path: string;

  constructor(requester: Requester, runId: string) {
    this.#requester = requester;
    this.#path = `/api/v1/received/${encodeURIComponent(runId)}`;
  }

  /** Hands the run over, or offers it. @throws {ProblemError} */
  async execute(body: ExecuteBody, signal: AbortSignal): Promise<ExecuteAnswer> {
    return dataOf(
      await this.#requester.json<ExecuteAnswer>("/api/v1/dag/execute", {
        ...post(body),
        signal,
      }),
    );
  }

  /** Calls the run off. @throws {ProblemError} */
  async cancel(reason: string, signal: AbortSignal): Promise<void> {
    dataOf(await this.#requester.json(`${this.#path}/cancel`, { ...post({ reason }), signal }));
  }

  /** The run as it stands there. @throws {ProblemError} */
  async view(signal: AbortSignal): Promise<RunView> {
    return dataOf(await this.#requester.json<RunView>(this.#path, { signal }));
  }

  /** The numbers of its events behind `after`, until its end. @throws {ProblemError} */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<number, void> {
    const open = (lastEventId: string, signal: AbortSignal): Promise<Response> =>
      this.#requester.open(`${this.#path}/events`, {
        accept: "text/event-stream",
        lastEventId,
        signal,
      });
    const options = { signal, lastEventId: String(after), maxFailures: MAX_FAILURES };
    for await (const { data } of followSse(open, options)) {
      yield (JSON.parse(data) as EventView).seq;
    }
  }
}

function post(body: object): { method: "POST"; body: string; contentType: string } {
  return { method: "POST", body: JSON.stringify(body), contentType: "application/json" };
}
