import type { JSX } from "preact";
import { RUN_STATES } from "../schema/state_tables.ts";
import { FilterField } from "./filter_field.tsx";
import { stateWords } from "./state_look.ts";
import { useWords } from "./words/words.ts";

/** The filters of the list of runs; they are the address's query, so a link keeps them. */
export function RunFilterForm({ query }: { query: URLSearchParams }): JSX.Element {
  const { runs, states } = useWords();
  const chosen = query.get("status") ?? "";
  return (
    <form method="get" action="/runs" class="filters">
      <div>
        <label for="status">{runs.status}</label>
        <select id="status" name="status">
          <option value="" selected={chosen === ""}>{runs.any}</option>
          {RUN_STATES.map((state) => (
            <option key={state} value={state} selected={chosen === state}>
              {states[state] ?? stateWords(state)}
            </option>
          ))}
        </select>
      </div>
      <FilterField name="dag_id" label={runs.dag} query={query} />
      <FilterField name="scope" label={runs.scope} query={query} placeholder="project:abc" />
      <FilterField name="q" label={runs.partOfId} query={query} isSearch />
      <button type="submit">{runs.filter}</button>
    </form>
  );
}
