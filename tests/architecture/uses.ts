/** What of the world around it a file touches, read from its syntax tree: comments don't count. */
import type { Source } from "./module_graph.ts";

/** A use such as `Deno.env`, `process.env`, `console` or `fetch`. */
export interface Use {
  readonly path: string;
  readonly what: string;
  readonly line: number;
}

const GLOBALS = ["Deno", "process", "console", "fetch", "globalThis", "WebSocket"];

/** The uses of all these files. Works within `deno test` only. */
export function findUses(sources: readonly Source[]): Use[] {
  return sources.flatMap(({ path, text }) => {
    const uses: Use[] = [];
    const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
    const create = (): Deno.lint.LintVisitor => ({
      Identifier(node): void {
        if (!GLOBALS.includes(node.name)) return;
        const what = useOf(node);
        if (what !== undefined) uses.push({ path, what, line: lineAt(node.range[0]) });
      },
    });
    // The name tells the dialect, and must not be one that the linter is told to skip.
    const name = path.endsWith("x") ? "source.tsx" : "source.ts";
    Deno.lint.runPlugin({ name: "uses", rules: { uses: { create } } }, name, text);
    return uses;
  });
}

function useOf(node: Deno.lint.Identifier): string | undefined {
  const { parent } = node;
  if (node.name === "process") return isProcessEnv(parent) ? "process.env" : undefined;
  if (parent.type === "MemberExpression") {
    // `x.process` and `{ fetch: … }` are names of something else.
    if (parent.object.type !== "Identifier" || parent.object.name !== node.name) {
      return parent.computed ? node.name : undefined;
    }
    const { property } = parent;
    if (node.name === "console" || node.name === "fetch") return node.name;
    return property.type === "Identifier" && !parent.computed
      ? `${node.name}.${property.name}`
      : node.name;
  }
  // Types are nothing at run time, and names of properties are not the globals.
  if (parent.type.startsWith("TS") && parent.type !== "TSAsExpression") return undefined;
  if (parent.type === "Property" && parent.key === node && parent.value !== node) return undefined;
  if (isDeclaration(parent)) return undefined;
  return node.name;
}

/** Everything else of that name is somebody's variable: Node's `process` has to be imported here. */
function isProcessEnv(parent: Deno.lint.Node): boolean {
  return parent.type === "MemberExpression" && parent.property.type === "Identifier" &&
    parent.property.name === "env";
}

function isDeclaration({ type }: Deno.lint.Node): boolean {
  return ["ImportSpecifier", "PropertyDefinition", "MethodDefinition"].includes(type);
}
