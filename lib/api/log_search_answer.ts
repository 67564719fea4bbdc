/** Search over all output that somebody may see, newest lines first. */
import { maySee, type Principal } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import {
  type LogSearch,
  SEARCH_BEGIN,
  searchLogPart,
  type SearchPosition,
} from "../scheduler/log_search.ts";
import type { FoundLogLine, LogSearchPage } from "../schema/log_search_page.ts";
import { fromDbFields, scopeKey } from "../schema/scope.ts";
import type { Call } from "./endpoint.ts";
import { logFilter } from "./log_filter.ts";
import { nextTurn } from "./next_turn.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./paging.ts";

/** One request looks at so many parts of the store; then it says where to go on. */
const MOST_LOOKS = 64;

/**
 * Answers with a page of lines. It may have few lines, or none, and still a `next_cursor`: a request
 * does a bounded amount of work, whatever there is to look through.
 * @throws {CisError} `invalid_request` for a filter, limit or cursor that can't be used
 */
export async function searchLogs({ ctx, node, principal }: Call): Promise<LogSearchPage> {
  const url = new URL(ctx.req.url);
  const search = searchOf(url, node, principal);
  const limit = pageLimit(url, { most: 1000, usual: 100 });
  const lines: FoundLogLine[] = [];
  let position = positionOf(url);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    if (looks > 0) await nextTurn();
    const part = searchLogPart(node.db, search, { position, limit: limit - lines.length });
    lines.push(...part.lines);
    position = part.position;
    if (part.isEnd) return { count: lines.length, next_cursor: null, lines };
    if (lines.length >= limit) break;
  }
  const next_cursor = encodeCursor([position.chunk, position.before]);
  return { count: lines.length, next_cursor, lines };
}

function searchOf(url: URL, node: Node, principal: Principal): LogSearch {
  const given = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  return {
    ...logFilter(url, node.db.now()),
    runId: given("run"),
    taskId: given("task"),
    workerId: given("worker"),
    maySee: seenBy(node, principal),
  };
}

function positionOf(url: URL): SearchPosition {
  const [chunk, before] = decodeCursor(url, ["number", "number"]) ?? [];
  if (chunk === undefined || before === undefined) return SEARCH_BEGIN;
  return { chunk: Number(chunk), before: Number(before) };
}

/** Whether output may be seen: of a run, when its scope may; of a worker, when the worker's may. */
function seenBy(node: Node, principal: Principal): LogSearch["maySee"] {
  if (principal.scopes === null) return () => true;
  const known = new Map<string, boolean>();
  return ({ run_id, worker_id }) => {
    const key = run_id === null ? `worker ${worker_id}` : `run ${run_id}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const scope = scopeOf(node, run_id, worker_id);
    const may = scope !== undefined && maySee(principal, scope);
    known.set(key, may);
    return may;
  };
}

function scopeOf(node: Node, runId: string | null, workerId: string): string | undefined {
  if (runId !== null) {
    const run = node.runs.load(runId);
    return run && scopeKey(fromDbFields(run));
  }
  const worker = node.supervisor.list().find((one) => one.workerId === workerId);
  return worker && scopeKey(worker.scope);
}
