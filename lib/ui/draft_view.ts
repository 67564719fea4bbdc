/** What is said of a document while it is written: by the server, and shown by an island. */
import type { LinedProblem } from "./problem_list.tsx";
import type { TaskPicture } from "./task_boxes.ts";

/** The graph of a document, as far as it can be made out. */
export interface DraftGraph {
  readonly count: number;
  /** Null where it is too large for a picture that could be read. */
  readonly picture: TaskPicture | null;
}

/** What is right or wrong with a document. */
export type DraftView =
  & {
    /** Null for a single task, and where nothing can be read. */
    readonly graph: DraftGraph | null;
  }
  & (
    | { readonly kind: "empty" }
    | { readonly kind: "good"; readonly dag_id: string; readonly version: number }
    | {
      readonly kind: "problems";
      /** Code of the refusal. */
      readonly code: string;
      readonly problems: readonly LinedProblem[];
    }
  );

/** Nothing is written yet. */
export const EMPTY_DRAFT: DraftView = { kind: "empty", graph: null };
