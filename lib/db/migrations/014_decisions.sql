-- Decisions, debts and rollbacks. CHECKs repeat lib/schema/states.ts.

-- Paused by a person, as opposed to for the time that stakeholders vote.
ALTER TABLE dag_runs ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1));
UPDATE dag_runs SET held = 1 WHERE status = 'paused';

-- A decision has let it start.
ALTER TABLE task_runs ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0 CHECK (cleared IN (0, 1));
-- How many tasks of the run had ended with it; NULL before, and for what another run did.
ALTER TABLE task_runs ADD COLUMN ended_seq INTEGER;
ALTER TABLE task_runs ADD COLUMN rollback TEXT CHECK
  (rollback IN ('pending', 'running', 'done', 'failed', 'skipped'));
UPDATE task_runs SET ended_seq = n.seq
  FROM (SELECT t.run_id, t.task_index,
      row_number() OVER (PARTITION BY t.run_id ORDER BY t.finished_at, t.task_index) AS seq
    FROM task_runs t JOIN dag_runs r ON r.run_id = t.run_id AND r.finished_at IS NULL
    WHERE t.finished_at IS NOT NULL) n
  WHERE task_runs.run_id = n.run_id AND task_runs.task_index = n.task_index;

ALTER TABLE task_attempts ADD COLUMN kind TEXT NOT NULL DEFAULT 'task'
  CHECK (kind IN ('task', 'rollback'));

CREATE TABLE decisions (
  decision_id  TEXT NOT NULL PRIMARY KEY,
  run_id       TEXT NOT NULL,
  task_index   INTEGER NOT NULL,
  task_id      TEXT NOT NULL,
  dag_id       TEXT NOT NULL,
  version      INTEGER NOT NULL,
  scope_type   TEXT NOT NULL CHECK (scope_type IN ('Global', 'Project', 'User', 'Type')),
  scope_id     TEXT,
  kind         TEXT NOT NULL CHECK (kind IN ('approval', 'recommended', 'confirmed', 'arbitrated')),
  question     TEXT NOT NULL,
  -- What can be answered, as JSON: a list of words.
  options      TEXT NOT NULL CHECK (json_valid(options)),
  -- What happens when nobody answers.
  default_action TEXT NOT NULL CHECK (default_action IN ('execute', 'skip', 'abort', 'fail')),
  stakeholders TEXT CHECK (stakeholders IS NULL OR json_valid(stakeholders)),
  threshold    INTEGER CHECK (threshold >= 1),
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  status       TEXT NOT NULL CHECK (status IN
    ('open', 'approved', 'rejected', 'expired', 'withdrawn')),
  decided_by   TEXT REFERENCES tokens (token_id),
  decided_at   INTEGER,
  reason       TEXT,
  FOREIGN KEY (run_id, task_index) REFERENCES task_runs (run_id, task_index) ON DELETE CASCADE,
  CHECK ((status = 'open') = (decided_at IS NULL)),
  CHECK (status IN ('approved', 'rejected') OR decided_by IS NULL),
  CHECK ((kind = 'arbitrated') = (stakeholders IS NOT NULL AND threshold IS NOT NULL))
) STRICT;
-- A task asks once at a time.
CREATE UNIQUE INDEX decisions_open ON decisions (run_id, task_index) WHERE status = 'open';
CREATE INDEX decisions_expiry ON decisions (expires_at) WHERE status = 'open';
CREATE INDEX decisions_of_run ON decisions (run_id, task_index);
CREATE INDEX decisions_by_time ON decisions (created_at, decision_id);
CREATE TRIGGER decisions_final
BEFORE UPDATE ON decisions WHEN old.status <> 'open'
BEGIN
  SELECT RAISE(ABORT, 'a decision that was taken does not change');
END;

-- A stakeholder votes once, whichever of their tokens they use, and a token votes once.
CREATE TABLE decision_votes (
  decision_id TEXT NOT NULL REFERENCES decisions (decision_id) ON DELETE CASCADE,
  stakeholder TEXT NOT NULL,
  token_id    TEXT NOT NULL REFERENCES tokens (token_id),
  vote        TEXT NOT NULL CHECK (vote IN ('approve', 'reject')),
  reason      TEXT,
  voted_at    INTEGER NOT NULL,
  PRIMARY KEY (decision_id, stakeholder),
  UNIQUE (decision_id, token_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE debts (
  debt_id     TEXT NOT NULL PRIMARY KEY,
  run_id      TEXT NOT NULL,
  task_index  INTEGER NOT NULL,
  task_id     TEXT NOT NULL,
  dag_id      TEXT NOT NULL,
  scope_type  TEXT NOT NULL CHECK (scope_type IN ('Global', 'Project', 'User', 'Type')),
  scope_id    TEXT,
  error       TEXT,
  created_at  INTEGER NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('open', 'resolved')),
  resolved_by TEXT REFERENCES tokens (token_id),
  resolved_at INTEGER,
  reason      TEXT,
  -- The run in which the task is run again.
  resumed_by_run TEXT REFERENCES dag_runs (run_id) ON DELETE SET NULL,
  UNIQUE (run_id, task_index),
  FOREIGN KEY (run_id, task_index) REFERENCES task_runs (run_id, task_index) ON DELETE CASCADE,
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
) STRICT;
CREATE INDEX debts_by_time ON debts (created_at, debt_id);
CREATE INDEX debts_open ON debts (created_at, debt_id) WHERE status = 'open';
