import { isObject, type JsonObject } from "./dialect_fields.ts";

/** One task of a document that may be wrong elsewhere. */
export interface OutlineTask {
  /** Absent when the document gives none that is text. */
  id?: string;
  /** As given; entries that are not text are undefined, so that positions stay. */
  depends_on: readonly (string | undefined)[];
  env?: JsonObject;
}

/** As much of a document as can be made out, so that all its problems can be told at once. */
export interface SpecOutline {
  dag_id: string;
  env?: JsonObject;
  tasks: readonly OutlineTask[];
}

/** Reads what is readable; whatever else is wrong is for the schema to say. */
export function outlineOf(document: JsonObject): SpecOutline {
  const { dag_id, env, tasks } = document;
  return {
    dag_id: typeof dag_id === "string" ? dag_id : "",
    ...(isObject(env) ? { env } : {}),
    tasks: Array.isArray(tasks) ? tasks.map(outlineTask) : [],
  };
}

function outlineTask(task: unknown): OutlineTask {
  if (!isObject(task)) return { depends_on: [] };
  const { id, depends_on, env } = task;
  return {
    ...(typeof id === "string" ? { id } : {}),
    depends_on: Array.isArray(depends_on) ? depends_on.map(textOrNothing) : [],
    ...(isObject(env) ? { env } : {}),
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
