-- Times are epoch milliseconds.

-- The schedule of each DAG whose version in force has one.
CREATE TABLE schedules (
  dag_id     TEXT NOT NULL PRIMARY KEY,
  -- The confirmed version that it comes from.
  version    INTEGER NOT NULL,
  enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  -- The first time that has not been dealt with; NULL: there is none any more.
  next_at    INTEGER,
  changed_by TEXT REFERENCES tokens (token_id),
  changed_at INTEGER NOT NULL,
  FOREIGN KEY (dag_id, version) REFERENCES dag_specs (dag_id, version)
) STRICT;
CREATE INDEX schedules_due ON schedules (next_at) WHERE enabled = 1 AND next_at IS NOT NULL;

-- What became of each time: one row, so that no time is dealt with twice.
CREATE TABLE scheduled_times (
  dag_id       TEXT NOT NULL,
  scheduled_at INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  outcome      TEXT NOT NULL CHECK (outcome IN ('started', 'made_up', 'skipped', 'missed')),
  run_id       TEXT REFERENCES dag_runs (run_id) ON DELETE SET NULL,
  reason       TEXT,
  decided_at   INTEGER NOT NULL,
  PRIMARY KEY (dag_id, scheduled_at),
  CHECK (run_id IS NULL OR outcome IN ('started', 'made_up'))
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_times_of_run ON scheduled_times (run_id) WHERE run_id IS NOT NULL;
