import { z } from "zod";
import { patternString } from "./checked.ts";
import { quote } from "./quote.ts";

export const DAG_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const TASK_ID_PATTERN = DAG_ID_PATTERN;
/** Ids of scopes and nodes become file names, so "." and ".." are not among them. */
export const SCOPE_ID_PATTERN = /^(?!\.+$)[A-Za-z0-9._-]{1,64}$/;
export const NODE_ID_PATTERN = SCOPE_ID_PATTERN;
export const RUN_ID_PATTERN =
  /^dag-run-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const LONG_ID = "1 to 128 letters, digits, dots, dashes or underscores, " +
  "starting with a letter or digit";
const SHORT_ID = "1 to 64 letters, digits, dots, dashes or underscores, not only dots";

function id(pattern: RegExp, options: { what: string; rule: string }): z.ZodString {
  return patternString(pattern, {
    code: "bad_id",
    describe: (value) => `${quote(value)} is not ${options.what}; use ${options.rule}`,
  });
}

/** Names a DAG across all its versions. */
export const DagId = id(DAG_ID_PATTERN, { what: "a DAG id", rule: LONG_ID });
export type DagId = z.infer<typeof DagId>;

/** Names a task within its DAG. */
export const TaskId = id(TASK_ID_PATTERN, { what: "a task id", rule: LONG_ID });
export type TaskId = z.infer<typeof TaskId>;

/** Names a project, a user or a type of DAG. */
export const ScopeId = id(SCOPE_ID_PATTERN, { what: "a scope id", rule: SHORT_ID });
export type ScopeId = z.infer<typeof ScopeId>;

/** Names tasks that share places, such as those that use one database. */
export const GroupName = id(SCOPE_ID_PATTERN, { what: "the name of a group", rule: SHORT_ID });
export type GroupName = z.infer<typeof GroupName>;

/** Names a machine that runs this system. */
export const NodeId = id(NODE_ID_PATTERN, { what: "a node id", rule: SHORT_ID });
export type NodeId = z.infer<typeof NodeId>;

/** Names one run of a DAG: `dag-run-<uuid>`. */
export const RunId = id(RUN_ID_PATTERN, { what: "a run id", rule: "dag-run-<uuid>" });
export type RunId = z.infer<typeof RunId>;
