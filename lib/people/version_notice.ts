/** How a published version is told of in a room: what it is before somebody decides, and what became of it. */
import type { DagView, WarningView } from "../schema/api.ts";
import { placeInSpec } from "../schema/place_in_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import { bold, code, lines, link, list, moment, type NoticeText, say } from "./notice_text.ts";
import { taskLine } from "./task_line.ts";

/** How much of the tasks is told. */
interface Detail {
  readonly tasks: number;
  /** Characters of what each runs. */
  readonly length: number;
}

/** As much as an announcement bears, and as somebody who asks gets. */
const BRIEF: Detail = { tasks: 8, length: 100 };
export const FULL: Detail = { tasks: 30, length: 500 };

/** @param url of the page where it can be decided as well; undefined: none that can be reached */
export function versionNotice(
  view: DagView,
  url: string | undefined,
  detail: Detail = BRIEF,
): NoticeText {
  const { dag_id, version, spec, scope, description, permissions, warnings } = view;
  const waits = view.status === "waiting_confirmation";
  return lines(
    say`${HEADS[view.status]} ${bold(dag_id)}, version ${version}: ${stateOf(view)}`,
    description === null ? undefined : say`${description}`,
    say`for ${scopeKey(scope)}, published by ${view.published_by}`,
    list(spec.tasks.map((task) => taskLine(task, detail.length)), detail.tasks),
    list(permissions.summary),
    warnings.length === 0
      ? undefined
      : list(warnings.map((warning) => remark(warning, spec.tasks)), 5),
    say`hash ${code(view.spec_hash)}`,
    waits ? say`React with ✅ to confirm exactly this, with ❌ to refuse it.` : undefined,
    url === undefined ? undefined : link(url, waits ? "look at it" : "open"),
  );
}

function remark({ path, message }: WarningView, tasks: readonly { id: string }[]): NoticeText {
  const place = placeInSpec(path, tasks);
  return place === "" ? say`⚠ ${message}` : say`⚠ ${place}: ${message}`;
}

const HEADS = {
  waiting_confirmation: "⏳",
  confirmed: "✅",
  rejected: "❌",
  expired: "⌛",
  superseded: "↪",
} as const;

function stateOf(view: DagView): NoticeText {
  const by = view.decided_by ?? "";
  switch (view.status) {
    case "waiting_confirmation":
      return say`waits for a yes until ${moment(view.expires_at ?? "")}`;
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
