-- What a worker told of an attempt after that had been taken from it (JSON, lib/schema/run_view.ts).
-- It changes nothing; it says whether the work was done all the same. The first one is kept.
ALTER TABLE task_attempts ADD COLUMN late_result TEXT CHECK
  (late_result IS NULL OR (status IN ('cancelled', 'lost') AND json_valid(late_result)));
