/** DAGs: publish, look, decide, run. */
import { z } from "zod";
import { Analysis } from "../../schema/analysis.ts";
import {
  ConfirmAnswer,
  ConfirmBody,
  DagList,
  DagStatus,
  DagView,
  PendingList,
  PublishAnswer,
  RejectAnswer,
  RejectBody,
  RunActionAnswer,
  VersionList,
} from "../../schema/api.ts";
import { ScheduleAnswer, ScheduleBody } from "../../schema/schedule_view.ts";
import { DagDiff } from "../../schema/spec_diff.ts";
import { type Operation, PAGE } from "../operation.ts";

const Version = z.int().min(1);
const NAME_FOR_NAMELESS = {
  dag_id: z.string().describe("Name for a document that has none"),
};

export const DAG_OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/api/v1/dag/publish",
    id: "publish_dag",
    role: "publisher",
    summary: "Stores a version of a DAG that waits for its confirmation",
    query: NAME_FOR_NAMELESS,
    body: "DagDocument",
    answer: PublishAnswer,
    errors: ["invalid_spec", "version_conflict"],
    tool: "Publish a DAG of tasks. Nothing runs until a person has confirmed exactly this " +
      "content: hand confirm_url or dashboard_url on to them, then ask for get_dag_status. If it " +
      "was rejected, the reason is in the status: publish a better version under the same dag_id.",
  },
  {
    method: "POST",
    path: "/api/v1/dag/validate",
    id: "validate_dag",
    role: "publisher",
    summary: "What a publish would answer; nothing is stored",
    query: NAME_FOR_NAMELESS,
    body: "DagDocument",
    answer: PublishAnswer,
    errors: ["invalid_spec"],
    tool: "Check a DAG without publishing it. All problems are listed at once, each with the " +
      "place in the document and what to do.",
  },
  {
    method: "GET",
    path: "/api/v1/pending",
    id: "list_pending",
    role: "viewer",
    summary: "Versions that wait for a confirmation",
    answer: PendingList,
    tool: "List what waits for a person's confirmation and how long it still can.",
  },
  {
    method: "POST",
    path: "/api/v1/dag/{id}/confirm",
    id: "confirm_dag",
    role: "approver",
    summary: "Confirms the version that waits and begins its run",
    body: ConfirmBody,
    answer: ConfirmAnswer,
    errors: [
      "dag_not_found",
      "content_changed",
      "already_decided",
      "confirmation_expired",
      "separation_of_duties",
    ],
  },
  {
    method: "POST",
    path: "/api/v1/dag/{id}/reject",
    id: "reject_dag",
    role: "approver",
    summary: "Refuses the version that waits, with a reason for its publisher",
    body: RejectBody,
    answer: RejectAnswer,
    errors: ["dag_not_found", "content_changed", "already_decided", "confirmation_expired"],
  },
  {
    method: "GET",
    path: "/api/v1/dag",
    id: "list_dags",
    role: "viewer",
    summary: "The newest version of each DAG, with its last run",
    query: PAGE,
    answer: DagList,
    tool: "List the DAGs that are known, each with its newest version and its last run.",
  },
  {
    method: "GET",
    path: "/api/v1/dag/{id}",
    id: "get_dag",
    role: "viewer",
    summary: "One version with its spec: the newest, or ?version=",
    query: { version: Version.describe("Absent: the newest") },
    answer: DagView,
    errors: ["dag_not_found"],
    tool: "Get one version of a DAG with its full content, permissions and warnings.",
  },
  {
    method: "GET",
    path: "/api/v1/dag/{id}/versions",
    id: "list_versions",
    role: "viewer",
    summary: "All versions of a DAG, newest first",
    query: PAGE,
    answer: VersionList,
    errors: ["dag_not_found"],
  },
  {
    method: "GET",
    path: "/api/v1/dag/{id}/diff",
    id: "diff_dag",
    role: "viewer",
    summary: "What differs between two versions",
    query: {
      from: Version.describe("Absent: the one before"),
      to: Version.describe("Absent: the newest"),
    },
    answer: DagDiff,
    errors: ["dag_not_found"],
    tool: "Compare two versions of a DAG, task by task and field by field.",
  },
  {
    method: "GET",
    path: "/api/v1/dag/{id}/status",
    id: "get_dag_status",
    role: "viewer",
    summary: "How a DAG stands: its newest version and that one's last run",
    answer: DagStatus,
    errors: ["dag_not_found"],
    tool: "How a DAG stands: whether its newest version waits, was rejected (with the reason), " +
      "expired or was confirmed, and how far its last run is.",
  },
  {
    method: "POST",
    path: "/api/v1/dag/{id}/analyze",
    id: "analyze_dag",
    role: "viewer",
    summary: "What holds a DAG up, why, and what to do",
    answer: Analysis,
    errors: ["dag_not_found"],
    tool: "Find out what holds a DAG up or made it fail, with its last lines of output and what " +
      "to do about it.",
  },
  {
    method: "POST",
    path: "/api/v1/dag/{id}/run",
    id: "run_dag",
    role: "approver",
    summary: "Runs the version in force once more",
    answer: RunActionAnswer,
    errors: ["dag_not_found", "not_confirmed"],
  },
  {
    method: "GET",
    path: "/api/v1/dag/{id}/schedule",
    id: "get_schedule",
    role: "viewer",
    summary: "The schedule in force, its next times and what became of the last ones",
    answer: ScheduleAnswer,
    errors: ["dag_not_found"],
    tool:
      "When a DAG starts by itself next, and which of its last times were started, skipped or " +
      "missed.",
  },
  {
    method: "POST",
    path: "/api/v1/dag/{id}/schedule",
    id: "set_schedule",
    role: "approver",
    summary: "Switches the schedule in force on or off",
    body: ScheduleBody,
    answer: ScheduleAnswer,
    errors: ["dag_not_found", "no_schedule"],
  },
];
