/** What one look at the node has found, in the form of GET /api/v1/doctor. */
export interface DoctorCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed";
  readonly detail: string;
  /** What to do; null when it is ok. */
  readonly advice: string | null;
}
