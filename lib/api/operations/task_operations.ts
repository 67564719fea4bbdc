/** Single tasks, issued as DAGs of their own. */
import { IssueAnswer, IssuedTaskList, IssuedTaskView } from "../../schema/issued_task.ts";
import { type Operation, PAGE } from "../operation.ts";

export const TASK_OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/api/v1/task/issue",
    id: "issue_task",
    role: "publisher",
    summary: "Publishes a single task, which waits for its confirmation like any DAG",
    body: "IssueBody",
    answer: IssueAnswer,
    errors: ["invalid_spec"],
    tool: "Issue a single task. It waits for a person's confirmation as a DAG does; then ask for " +
      "get_task_status.",
  },
  {
    method: "GET",
    path: "/api/v1/tasks",
    id: "list_tasks",
    role: "viewer",
    summary: "Issued tasks, each with what became of it",
    query: PAGE,
    answer: IssuedTaskList,
    tool: "List the tasks that were issued one by one, each with what became of it.",
  },
  {
    method: "GET",
    path: "/api/v1/task/{id}/status",
    id: "get_task_status",
    role: "viewer",
    summary: "What became of an issued task",
    answer: IssuedTaskView,
    errors: ["task_not_found"],
    tool:
      "What became of an issued task: whether it waits or was rejected (with the reason), how " +
      "it ended, its outputs.",
  },
];
