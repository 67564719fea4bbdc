import type { JSX } from "preact";

/** A text field of a form of filters, filled with what the address has. */
export function FilterField({ name, label, query, placeholder, isSearch }: {
  name: string;
  label: string;
  query: URLSearchParams;
  placeholder?: string;
  isSearch?: boolean;
}): JSX.Element {
  return (
    <div>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={isSearch ? "search" : "text"}
        value={query.get(name) ?? ""}
        placeholder={placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
    </div>
  );
}
