/** How a published version is told of in a room: what it is before somebody decides, and what became of it. */
import type { DagView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope.ts";
import { bold, code, lines, link, list, type NoticeText, say } from "./notice_text.ts";

/** @param url of the page where it can be decided as well */
export function versionNotice(view: DagView, url: string): NoticeText {
  const { dag_id, version, spec_hash, tasks_count, scope, description, permissions, warnings } =
    view;
  const waits = view.status === "waiting_confirmation";
  return lines(
    say`${headOf(view)} ${bold(dag_id)}, version ${version}: ${stateOf(view)}`,
    description === null ? undefined : say`${description}`,
    say`${tasks_count} ${tasks_count === 1 ? "task" : "tasks"} (${tasksOf(view)}) for ${
      scopeKey(scope)
    }, published by ${view.published_by}`,
    list(permissions.summary),
    warnings.length === 0 ? undefined : list(warnings.map(({ message }) => say`⚠ ${message}`), 5),
    say`hash ${code(spec_hash)}`,
    waits ? say`React with ✅ to confirm exactly this, with ❌ to refuse it.` : undefined,
    link(url, waits ? "look at it" : "open"),
  );
}

const HEADS = {
  waiting_confirmation: "⏳",
  confirmed: "✅",
  rejected: "❌",
  expired: "⌛",
  superseded: "↪",
} as const;

function headOf({ status }: DagView): string {
  return HEADS[status];
}

function stateOf(view: DagView): NoticeText {
  const by = view.decided_by ?? "";
  switch (view.status) {
    case "waiting_confirmation":
      return say`waits for a yes until ${view.expires_at ?? ""}`;
    case "confirmed":
      return say`confirmed by ${by}, run ${code(view.run_id ?? "")}`;
    case "rejected":
      return say`rejected by ${by}: ${view.reason ?? ""}`;
    case "expired":
      return say`nobody decided in time; publish it again`;
    case "superseded":
      return say`other content was published in its place`;
  }
}

function tasksOf({ spec }: DagView): string {
  const ids = spec.tasks.slice(0, 8).map(({ id }) => id);
  return spec.tasks.length > ids.length ? `${ids.join(", ")}, …` : ids.join(", ");
}
