import type { JSX } from "preact";
import { FilterField } from "./filter_field.tsx";
import { useWords } from "./words/words.ts";

/** What to look for in all logs; the fields are the address's query, so a link keeps them. */
export function LogSearchForm({ query }: { query: URLSearchParams }): JSX.Element {
  const { logs } = useWords();
  const stream = query.get("stream") ?? "";
  const moment = logs.moment;
  return (
    <form method="get" action="/logs" role="search" class="filters">
      <FilterField name="q" label={logs.text} query={query} isSearch />
      <FilterField name="run" label={logs.run} query={query} placeholder="dag-run-…" />
      <FilterField name="task" label={logs.task} query={query} />
      <FilterField name="attempt" label={logs.attempt} query={query} />
      <FilterField name="worker" label={logs.worker} query={query} placeholder="worker-global" />
      <div>
        <label for="stream">{logs.stream}</label>
        <select id="stream" name="stream">
          <option value="" selected={stream === ""}>{logs.anyStream}</option>
          {["stdout", "stderr"].map((name) => (
            <option key={name} value={name} selected={stream === name}>{name}</option>
          ))}
        </select>
      </div>
      <FilterField name="since" label={logs.since} query={query} placeholder={moment} />
      <FilterField name="until" label={logs.until} query={query} placeholder={moment} />
      <button type="submit">{logs.search}</button>
    </form>
  );
}
