import type { JSX } from "preact";
import type { DagView, VersionView } from "../schema/api.ts";
import { SpecChanges } from "./spec_changes.tsx";
import { useWords } from "./words/words.ts";

/** Two versions that are held against each other. */
export interface Compared {
  readonly from: DagView;
  readonly to: DagView;
}

/** The difference between two versions, and the form that chooses which. */
export function VersionCompare({ versions, compared, action }: {
  versions: readonly VersionView[];
  compared: Compared;
  action: string;
}): JSX.Element {
  const { changes } = useWords();
  const { from, to } = compared;
  // Versions that are asked for may be on another page of the list.
  const numbers = [
    ...new Set([...versions.map(({ version }) => version), from.version, to.version]),
  ].sort((a, b) => b - a);
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">{changes.between(from.version, to.version)}</h2>
      <form method="get" action={`${action}#changes`} class="actions">
        <Choice name="from" label={changes.from} numbers={numbers} chosen={from.version} />
        <Choice name="to" label={changes.to} numbers={numbers} chosen={to.version} />
        <button type="submit">{changes.compare}</button>
      </form>
      <SpecChanges from={from.spec} to={to.spec} level={3} />
    </section>
  );
}

function Choice({ name, label, numbers, chosen }: {
  name: string;
  label: string;
  numbers: readonly number[];
  chosen: number;
}): JSX.Element {
  return (
    <div class="choose">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {numbers.map((number) => (
          <option key={number} value={number} selected={number === chosen}>{number}</option>
        ))}
      </select>
    </div>
  );
}
