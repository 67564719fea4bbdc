/** Shows a DAG and what is known of it, for the person who decides. */
import type { DagView, PermissionsView, PublishAnswer, WarningView } from "../schema/api.ts";
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import { describeScopeSource, type Scope, scopeKey, ScopeSource } from "../schema/scope.ts";
import { placeInSpec } from "../schema/place_in_spec.ts";
import type { Output } from "./output.ts";
import { stateText } from "./state_text.ts";
import { durationText, momentText } from "./time_text.ts";

/** What a publish or validate says about a DAG. */
export function showPublished(out: Output, answer: PublishAnswer): void {
  out.fields([
    ["tasks", String(answer.tasks_count)],
    ["scope", scopeText(answer.scope, answer.scope_source)],
    ["worker", `${answer.worker_id} in ${answer.room_id}`],
    ["hash", answer.spec_hash],
  ]);
  showPermissions(out, answer.permissions);
  showWarnings(out, answer.warnings);
}

/** One version: what it does, what it may touch, what became of it. */
export function showVersion(out: Output, view: DagView, now: number): void {
  const headline = `${out.paint("bold", view.dag_id)} v${view.version}`;
  out.line(`${headline}  ${stateText(out, view.status)}`);
  if (view.description) out.block(view.description, "  ");
  out.fields([
    ["scope", scopeText(view.scope, view.scope_source)],
    ["worker", view.worker_id],
    ["priority", view.priority],
    ["node", view.target_node],
    ["schedule", scheduleText(view.spec)],
    ["next runs", view.schedule?.next_runs.map(momentText).join(", ") || null],
    ["limits", limitsText(view.spec)],
    ["environment", assignments(view.spec.env)],
    ["hash", view.spec_hash],
    ["published", `${momentText(view.published_at)} by ${view.published_by}`],
    ["expires", view.status === "waiting_confirmation" ? expiryText(view.expires_at, now) : null],
    ["decided", view.decided_at && `${momentText(view.decided_at)} by ${view.decided_by ?? "?"}`],
    ["reason", view.reason],
    ["run", view.run_id],
  ]);
  showTasks(out, view.spec.tasks);
  showPermissions(out, view.permissions);
  showWarnings(out, view.warnings, view.spec.tasks);
}

/** How long there is left to confirm. */
export function expiryText(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return "never";
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return `${momentText(expiresAt)}, which is over`;
  return `${momentText(expiresAt)}, ${durationText(left)} left`;
}

/** A scope and why it is that one. */
export function scopeText(scope: Scope, source: string): string {
  const known = ScopeSource.safeParse(source);
  const why = known.success ? describeScopeSource(known.data, scope) : source;
  const own = scope.type === "project" && !scope.reuse_worker ? ", a worker for each run" : "";
  const reason = why.charAt(0).toLowerCase() + why.slice(1).replace(/\.$/, "");
  return `${scopeKey(scope)}${own} (${reason})`;
}

/** Every task in full: nothing that will be executed is cut short. */
function showTasks(out: Output, tasks: readonly TaskSpec[]): void {
  out.line(out.paint("bold", tasks.length === 1 ? "Task" : `Tasks (${tasks.length})`));
  for (const task of tasks) {
    const name = task.name ? `  ${task.name}` : "";
    out.line(`  ${out.paint("cyan", task.id)}  ${out.paint("dim", task.type)}${name}`);
    out.block(workText(task), "    ");
    const facts = taskFacts(task);
    if (facts.length > 0) out.line("    " + out.paint("dim", facts.join("; ")));
    for (const command of task.rollback) out.block(`on failure: ${command}`, "    ");
  }
}

function workText(task: TaskSpec): string {
  switch (task.type) {
    case "shell":
      return `$ ${task.command}`;
    case "deno":
      return (task.module ?? task.script ?? "") +
        (task.args === undefined ? "" : `\nargs ${JSON.stringify(task.args)}`);
    case "http":
      return httpText(task.request);
    case "skill":
      return `skill ${task.skill}${task.method ? `.${task.method}` : ""} ` +
        JSON.stringify(task.params);
    case "approval":
      return "waits until a person agrees";
    case "noop":
      return "does nothing by itself";
  }
}

function httpText(request: Extract<TaskSpec, { type: "http" }>["request"]): string {
  const { method, url, ...rest } = request;
  const details = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  return [
    `${method} ${url}`,
    ...details.map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ].join("\n");
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function taskFacts(task: TaskSpec): string[] {
  const { env, secrets, depends_on, run_if, retry, level, cwd, timeout, on_failure } = task;
  const facts = [
    depends_on.length > 0 && `after ${depends_on.join(", ")}`,
    run_if !== "all_success" && `runs if ${run_if}`,
    level.type !== "mechanical" && `level ${level.type}`,
    retry.max_attempts > 1 && `up to ${retry.max_attempts} attempts`,
    on_failure === "ignorable" && "may fail",
    timeout !== undefined && `at most ${timeout}`,
    cwd !== undefined && `in ${cwd}`,
    Object.keys(env).length > 0 && `with ${assignments(env)}`,
    secrets.length > 0 && `secrets ${secrets.join(", ")}`,
  ];
  return facts.filter((fact) => fact !== false);
}

function scheduleText(spec: DagSpec): string | null {
  if (spec.schedule === undefined) return null;
  const { cron, timezone, overlap, catch_up = "none" } = spec.schedule;
  const late = catch_up === "none" ? "" : `, catch up: ${catch_up}`;
  return `${cron} (${timezone}, overlap: ${overlap}${late})`;
}

function limitsText(spec: DagSpec): string {
  const timeout = spec.timeout === undefined ? "" : `, at most ${spec.timeout}`;
  const groups = Object.entries(spec.groups ?? {}).map(([name, most]) => `, ${name} ${most}`);
  return `${spec.max_parallel} at once${groups.join("")}${timeout}, ${spec.policy}`;
}

function assignments(env: Readonly<Record<string, string>>): string {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ");
}

function showPermissions(out: Output, permissions: PermissionsView): void {
  out.line(out.paint("bold", "What its tasks may touch"));
  for (const sentence of permissions.summary) out.line(`  ${sentence}`);
}

function showWarnings(
  out: Output,
  warnings: readonly WarningView[],
  tasks: readonly { readonly id: string }[] = [],
): void {
  if (warnings.length === 0) return;
  out.line(out.paint("bold", "Warnings"));
  for (const { path, message } of warnings) {
    out.line(
      `  ${out.paint("yellow", path === "" ? "(document)" : placeInSpec(path, tasks))}  ${message}`,
    );
  }
}
