import type { JSX } from "preact";
import { RUN_STATES } from "../schema/state_tables.ts";
import { stateWords } from "./state_look.ts";

/** The filters of the list of runs; they are the address's query, so a link keeps them. */
export function RunFilterForm({ query }: { query: URLSearchParams }): JSX.Element {
  const chosen = query.get("status") ?? "";
  return (
    <form method="get" action="/runs" class="filters">
      <div>
        <label for="status">Status</label>
        <select id="status" name="status">
          <option value="" selected={chosen === ""}>any</option>
          {RUN_STATES.map((state) => (
            <option key={state} value={state} selected={chosen === state}>
              {stateWords(state)}
            </option>
          ))}
        </select>
      </div>
      <Field name="dag_id" label="DAG" query={query} />
      <Field name="scope" label="Scope" query={query} placeholder="project:abc" />
      <Field name="q" label="Part of an id" query={query} />
      <button type="submit">Filter</button>
    </form>
  );
}

function Field(
  { name, label, query, placeholder }: {
    name: string;
    label: string;
    query: URLSearchParams;
    placeholder?: string;
  },
): JSX.Element {
  return (
    <div>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="text"
        value={query.get(name) ?? ""}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
      />
    </div>
  );
}
