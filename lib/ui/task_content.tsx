import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { riskyInScript, riskyInShell } from "../schema/risky_code.ts";
import { CodeBlock } from "./code_block.tsx";
import { httpTokens } from "./highlight/http_tokens.ts";
import { jsonTokens } from "./highlight/json_tokens.ts";
import { scriptTokens } from "./highlight/script_tokens.ts";
import { shellTokens } from "./highlight/shell_tokens.ts";
import { MarkedCode } from "./marked_code.tsx";
import { useWords } from "./words/words.ts";
import { visibleJson, visibleText } from "./visible_text.ts";

/** What a task does, in full. */
export function TaskContent({ task }: { task: TaskSpec }): JSX.Element {
  const { task: words } = useWords();
  switch (task.type) {
    case "shell":
      return (
        <MarkedCode
          label={words.command(task.id)}
          text={task.command}
          places={riskyInShell(task.command)}
          tokensOf={shellTokens}
        />
      );
    case "deno":
      return <DenoContent task={task} />;
    case "http":
      return <HttpContent task={task} />;
    case "skill":
      return (
        <>
          <p>
            {words.skill} <code>{visibleText(task.skill)}</code>
            {task.method !== undefined && (
              <>
                , {words.method} <code>{visibleText(task.method)}</code>
              </>
            )}
          </p>
          <CodeBlock
            label={words.params(task.id)}
            text={visibleJson(task.params)}
            tokensOf={jsonTokens}
          />
        </>
      );
    case "approval":
      return <p>{words.approval}</p>;
    case "noop":
      return <p>{words.noop}</p>;
  }
}

function DenoContent({ task }: { task: TaskSpec & { type: "deno" } }): JSX.Element {
  const { task: words } = useWords();
  return (
    <>
      {task.module !== undefined && (
        <p>
          {words.module} <code>{visibleText(task.module)}</code>
        </p>
      )}
      {task.script !== undefined && (
        <MarkedCode
          label={words.script(task.id)}
          text={task.script}
          places={riskyInScript(task.script)}
          tokensOf={scriptTokens}
        />
      )}
      {task.args !== undefined && (
        <>
          <p>{words.args}</p>
          <CodeBlock
            label={words.argsOf(task.id)}
            text={visibleJson(task.args)}
            tokensOf={jsonTokens}
          />
        </>
      )}
    </>
  );
}

function HttpContent({ task }: { task: TaskSpec & { type: "http" } }): JSX.Element {
  const { task: words } = useWords();
  const { method, url, headers, body, expect_status } = task.request;
  const lines = [
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  if (body !== undefined) {
    lines.push("", typeof body === "string" ? body : JSON.stringify(body, null, 2));
  }
  return (
    <>
      <CodeBlock label={words.request(task.id)} text={lines.join("\n")} tokensOf={httpTokens} />
      {expect_status !== undefined && <p>{words.expects(expect_status)}</p>}
    </>
  );
}
