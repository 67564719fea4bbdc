/** The picture of a spec, laid out once: a run's page is drawn far more often than its DAG changes. */
import type { DagSpec } from "../schema/dag_spec.ts";
import { type GraphPicture, layoutGraph } from "./graph_layout.ts";

/** Room for the longest name of a state below that of the task. */
const LEAST_CHARACTERS = 16;

const pictures = new WeakMap<DagSpec, GraphPicture | undefined>();

/** The layout of a spec that is kept in memory. */
export function pictureOf(spec: DagSpec): GraphPicture | undefined {
  if (pictures.has(spec)) return pictures.get(spec);
  const picture = layoutGraph(spec.tasks, LEAST_CHARACTERS);
  pictures.set(spec, picture);
  return picture;
}
