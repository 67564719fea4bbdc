import type { JSX } from "preact";
import { useWords } from "./words/words.ts";

const PARTS = [
  ["/settings", "policy"],
  ["/settings/tokens", "tokens"],
  ["/settings/secrets", "secrets"],
  ["/settings/audit", "audit"],
] as const;

/** The parts of the settings, beside each other. */
export function SettingsNav({ at }: { at: (typeof PARTS)[number][1] }): JSX.Element {
  const { settings } = useWords();
  return (
    <nav class="tabs" aria-label={settings.parts}>
      {PARTS.map(([path, name]) => (
        <a key={path} href={path} aria-current={name === at ? "page" : "false"}>
          {settings[name]}
        </a>
      ))}
    </nav>
  );
}
