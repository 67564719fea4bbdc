import type { JSX } from "preact";
import { CodeBlock } from "./code_block.tsx";
import { jsonTokens } from "./highlight/json_tokens.ts";
import type { JsonText } from "./task_page_view.ts";
import { useWords } from "./words/words.ts";

/** JSON that a task gave, in full or with a way to the rest of it. */
export function JsonOutput(
  { label, json, path }: {
    label: string;
    json: JsonText;
    /** Where all of it is. */
    path: string;
  },
): JSX.Element {
  const { taskPage: words } = useWords();
  return (
    <>
      <CodeBlock label={label} text={json.text} tokensOf={jsonTokens} />
      {json.isCut && (
        <p class="quiet small">
          {words.cut} <a href={path}>{words.allOfIt}</a>
        </p>
      )}
    </>
  );
}
