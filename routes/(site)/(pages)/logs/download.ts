import { type Client, dataOf } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import type { FoundLogLine, LogSearchPage } from "../../../../lib/schema/log_search_page.ts";
import { logSearchQuery } from "../../../../lib/ui/log_search_query.ts";

/** Most lines of one download. */
const MOST_LINES = 50_000;
const PAGE = 1_000;

/** What a search finds as plain text, the newest line first, page by page as it is found. */
export const handler = define.handlers({
  GET: async (ctx) => {
    const found = foundText(ctx.state.api, ctx.url);
    // Before the answer begins: a filter that can't be used is an error page, and no empty file.
    const first = await found.next();
    const body = ReadableStream.from(startingWith(first.done ? "" : first.value, found));
    return new Response(body.pipeThrough(new TextEncoderStream()), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": 'attachment; filename="logs.txt"',
      },
    });
  },
});

async function* startingWith(
  first: string,
  rest: AsyncGenerator<string, void>,
): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}

async function* foundText(api: Client, url: URL): AsyncGenerator<string, void> {
  const query = logSearchQuery(url);
  let count = 0;
  let cursor: string | null = null;
  do {
    const { lines, next_cursor }: LogSearchPage = dataOf(
      await api.searchLogs({ ...query, cursor: cursor ?? undefined, limit: PAGE }),
    );
    count += lines.length;
    cursor = next_cursor;
    yield lines.map(lineText).join("");
  } while (cursor !== null && count < MOST_LINES);
}

function lineText(
  { time, run_id, worker_id, task_id, attempt, stream, text }: FoundLogLine,
): string {
  const source = run_id === null ? worker_id : `${run_id} ${task_id}#${attempt}`;
  return `${time} ${source} ${stream} ${text}\n`;
}
