import type { JSX } from "preact";
import { LineCode } from "./line_code.tsx";

/** Environment variables, one per line. */
export function EnvList({ env }: { env: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <ul class="plain">
      {Object.entries(env).map(([name, value]) => (
        <li key={name}>
          <LineCode text={`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`} />
        </li>
      ))}
    </ul>
  );
}
