import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { riskyInScript, riskyInShell } from "../schema/risky_code.ts";
import { CodeBlock } from "./code_block.tsx";
import { MarkedCode } from "./marked_code.tsx";
import { visibleJson, visibleText } from "./visible_text.ts";

/** What a task does, in full. */
export function TaskContent({ task }: { task: TaskSpec }): JSX.Element {
  switch (task.type) {
    case "shell":
      return (
        <MarkedCode
          label={`Command of ${task.id}`}
          text={task.command}
          places={riskyInShell(task.command)}
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
            Calls the skill <code>{visibleText(task.skill)}</code>
            {task.method !== undefined && (
              <>
                , method <code>{visibleText(task.method)}</code>
              </>
            )}
          </p>
          <CodeBlock label={`Parameters of ${task.id}`} text={visibleJson(task.params)} />
        </>
      );
    case "approval":
      return <p>Waits for a person to say yes.</p>;
    case "noop":
      return <p>Does nothing itself; other tasks depend on it.</p>;
  }
}

function DenoContent({ task }: { task: TaskSpec & { type: "deno" } }): JSX.Element {
  return (
    <>
      {task.module !== undefined && (
        <p>
          Runs the module <code>{visibleText(task.module)}</code> of the workspace.
        </p>
      )}
      {task.script !== undefined && (
        <MarkedCode
          label={`Script of ${task.id}`}
          text={task.script}
          places={riskyInScript(task.script)}
        />
      )}
      {task.args !== undefined && (
        <>
          <p>With the arguments</p>
          <CodeBlock label={`Arguments of ${task.id}`} text={visibleJson(task.args)} />
        </>
      )}
    </>
  );
}

function HttpContent({ task }: { task: TaskSpec & { type: "http" } }): JSX.Element {
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
      <CodeBlock label={`Request of ${task.id}`} text={lines.join("\n")} />
      {expect_status !== undefined && <p>Expects the status {expect_status.join(" or ")}.</p>}
    </>
  );
}
