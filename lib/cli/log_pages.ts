/** Writes stored output, page after page. */
import type { LogLineView, LogPage } from "../schema/api.ts";
import { type PageFlags, showMore } from "./list_page.ts";
import type { Output } from "./output.ts";

/** Where pages come from and where their lines go. */
export interface LogSource {
  readonly read: (page: PageFlags) => Promise<LogPage>;
  readonly onLine: (line: LogLineView) => void;
}

/** For programs, or with `--limit`, one page; for people all that there is. */
export async function showLogPages(
  out: Output,
  flags: PageFlags,
  { read, onLine }: LogSource,
): Promise<void> {
  let { cursor } = flags;
  const page = await read({ limit: flags.limit, cursor });
  if (out.json) return out.document(page);
  page.lines.forEach(onLine);
  if (flags.limit !== undefined) return showMore(out, page.next_cursor);
  for (let next = page.next_cursor; next !== null && next !== cursor;) {
    cursor = next;
    const { lines, next_cursor } = await read({ cursor });
    lines.forEach(onLine);
    next = next_cursor;
  }
}
