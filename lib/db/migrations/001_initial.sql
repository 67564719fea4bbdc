-- Times are epoch milliseconds. CHECKs repeat lib/schema/states.ts.

CREATE TABLE tokens (
  token_id     TEXT NOT NULL PRIMARY KEY,
  name         TEXT NOT NULL,
  secret_hash  TEXT NOT NULL UNIQUE,
  roles        TEXT NOT NULL CHECK (json_valid(roles)),
  scopes       TEXT CHECK (scopes IS NULL OR json_valid(scopes)),
  created_by   TEXT,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  revoked_at   INTEGER
) STRICT;

CREATE TABLE sessions (
  session_hash TEXT NOT NULL PRIMARY KEY,
  token_id     TEXT NOT NULL REFERENCES tokens (token_id),
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE dag_specs (
  dag_id       TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  spec_hash    TEXT NOT NULL CHECK (length(spec_hash) = 64),
  scope_type   TEXT NOT NULL CHECK (scope_type IN ('Global', 'Project', 'User', 'Type')),
  scope_id     TEXT CHECK ((scope_type = 'Global') = (scope_id IS NULL)),
  target_node  TEXT,
  priority     TEXT NOT NULL CHECK (priority IN ('urgent', 'high', 'medium', 'low')),
  spec_json    TEXT NOT NULL CHECK (json_valid(spec_json)),
  scope_source TEXT NOT NULL,
  description  TEXT,
  warnings     TEXT NOT NULL CHECK (json_valid(warnings)),
  tasks_count  INTEGER NOT NULL CHECK (tasks_count >= 1),
  status       TEXT NOT NULL CHECK (status IN
    ('waiting_confirmation', 'confirmed', 'rejected', 'expired', 'superseded')),
  published_by TEXT NOT NULL REFERENCES tokens (token_id),
  published_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  decided_by   TEXT REFERENCES tokens (token_id),
  decided_at   INTEGER,
  reason       TEXT,
  run_id       TEXT,
  PRIMARY KEY (dag_id, version),
  CHECK ((status = 'confirmed') = (run_id IS NOT NULL)),
  CHECK ((status IN ('confirmed', 'rejected')) = (decided_by IS NOT NULL)),
  CHECK ((status = 'waiting_confirmation') = (decided_at IS NULL))
) STRICT;
-- At most one version of a DAG waits.
CREATE UNIQUE INDEX dag_specs_waiting ON dag_specs (dag_id) WHERE status = 'waiting_confirmation';
CREATE INDEX dag_specs_expiry ON dag_specs (expires_at) WHERE status = 'waiting_confirmation';

CREATE TRIGGER dag_specs_immutable
BEFORE UPDATE OF dag_id, version, spec_hash, spec_json, scope_type, scope_id, target_node, priority,
  published_by, published_at ON dag_specs
BEGIN
  SELECT RAISE(ABORT, 'a published version does not change');
END;
CREATE TRIGGER dag_specs_final
BEFORE UPDATE OF status ON dag_specs WHEN old.status <> 'waiting_confirmation'
BEGIN
  SELECT RAISE(ABORT, 'a decided version does not change');
END;

CREATE TABLE dag_runs (
  run_id       TEXT NOT NULL PRIMARY KEY,
  dag_id       TEXT NOT NULL,
  version      INTEGER NOT NULL,
  scope_type   TEXT NOT NULL CHECK (scope_type IN ('Global', 'Project', 'User', 'Type')),
  scope_id     TEXT,
  target_node  TEXT,
  status       TEXT NOT NULL CHECK (status IN
    ('queued', 'running', 'paused', 'completed', 'failed', 'cancelled')),
  priority     TEXT NOT NULL CHECK (priority IN ('urgent', 'high', 'medium', 'low')),
  node_id      TEXT NOT NULL,
  worker_id    TEXT NOT NULL,
  triggered_by TEXT NOT NULL,
  confirmed_by TEXT REFERENCES tokens (token_id),
  retry_of     TEXT REFERENCES dag_runs (run_id),
  created_at   INTEGER NOT NULL,
  started_at   INTEGER,
  finished_at  INTEGER,
  deadline_at  INTEGER,
  error        TEXT,
  total_tasks  INTEGER NOT NULL,
  completed_tasks INTEGER NOT NULL DEFAULT 0 CHECK (completed_tasks <= total_tasks),
  FOREIGN KEY (dag_id, version) REFERENCES dag_specs (dag_id, version),
  CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX dag_runs_by_dag ON dag_runs (dag_id, created_at);
CREATE INDEX dag_runs_by_time ON dag_runs (created_at, run_id);
CREATE INDEX dag_runs_open ON dag_runs (created_at) WHERE finished_at IS NULL;
CREATE TRIGGER dag_runs_final
BEFORE UPDATE OF status ON dag_runs WHEN old.finished_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'an ended run does not change');
END;

-- One row per task of a run; `task_index` is the task's place in the spec.
CREATE TABLE task_runs (
  run_id      TEXT NOT NULL REFERENCES dag_runs (run_id) ON DELETE CASCADE,
  task_index  INTEGER NOT NULL,
  task_id     TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('pending', 'ready', 'awaiting_decision', 'running',
    'retry_wait', 'completed', 'failed', 'debt', 'skipped', 'cancelled')),
  attempt     INTEGER NOT NULL DEFAULT 0,
  failures    INTEGER NOT NULL DEFAULT 0,
  losses      INTEGER NOT NULL DEFAULT 0,
  outputs     TEXT CHECK (outputs IS NULL OR json_valid(outputs)),
  error       TEXT,
  started_at  INTEGER,
  finished_at INTEGER,
  retry_at    INTEGER,
  PRIMARY KEY (run_id, task_index),
  CHECK ((status = 'retry_wait') = (retry_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER task_runs_final
BEFORE UPDATE OF status ON task_runs
WHEN old.status IN ('completed', 'failed', 'debt', 'skipped', 'cancelled')
BEGIN
  SELECT RAISE(ABORT, 'an ended task does not change');
END;

CREATE TABLE task_attempts (
  run_id      TEXT NOT NULL,
  task_index  INTEGER NOT NULL,
  attempt     INTEGER NOT NULL CHECK (attempt >= 1),
  lease       TEXT NOT NULL,
  worker_id   TEXT NOT NULL,
  instance    TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled', 'lost')),
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  exit_code   INTEGER,
  error       TEXT,
  error_code  TEXT,
  PRIMARY KEY (run_id, task_index, attempt),
  FOREIGN KEY (run_id, task_index) REFERENCES task_runs (run_id, task_index) ON DELETE CASCADE,
  CHECK ((status = 'running') = (finished_at IS NULL))
) STRICT, WITHOUT ROWID;
-- One attempt of a task runs at a time.
CREATE UNIQUE INDEX task_attempts_running ON task_attempts (run_id, task_index)
  WHERE status = 'running';

CREATE INDEX task_attempts_of_worker ON task_attempts (worker_id) WHERE status = 'running';
CREATE INDEX task_runs_by_id ON task_runs (run_id, task_id);

CREATE TABLE workers (
  worker_id      TEXT NOT NULL PRIMARY KEY,
  scope_type     TEXT NOT NULL CHECK (scope_type IN ('Global', 'Project', 'User', 'Type')),
  scope_id       TEXT,
  room_id        TEXT NOT NULL,
  node_id        TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN
    ('starting', 'running', 'stopping', 'stopped', 'crashed', 'failed')),
  managed_by     TEXT NOT NULL CHECK (managed_by IN ('node', 'cli')),
  reused         INTEGER NOT NULL CHECK (reused IN (0, 1)),
  instance       TEXT NOT NULL,
  secret_hash    TEXT NOT NULL,
  pid            INTEGER,
  -- Start time of the process in the kernel's count, so that a reused pid is told apart.
  pid_started    TEXT,
  flags          TEXT NOT NULL CHECK (json_valid(flags)),
  started_at     INTEGER,
  last_heartbeat INTEGER,
  rss            INTEGER,
  restarts       INTEGER NOT NULL DEFAULT 0,
  error          TEXT
) STRICT;

-- The rooms of the embedded transport: log and outbox in one. A row is there as soon as the change
-- that it tells of is.
CREATE TABLE room_events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  room_id    TEXT NOT NULL,
  sender     TEXT NOT NULL,
  -- Sender's own number for it; the same number again is the same event.
  txn        TEXT NOT NULL,
  type       TEXT NOT NULL,
  content    TEXT NOT NULL CHECK (json_valid(content)),
  created_at INTEGER NOT NULL,
  UNIQUE (sender, txn)
) STRICT;
CREATE INDEX room_events_by_room ON room_events (room_id, seq);

CREATE TABLE events (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  time      INTEGER NOT NULL,
  type      TEXT NOT NULL,
  dag_id    TEXT,
  run_id    TEXT,
  task_id   TEXT,
  worker_id TEXT,
  data      TEXT NOT NULL CHECK (json_valid(data))
) STRICT;
CREATE INDEX events_by_run ON events (run_id, seq) WHERE run_id IS NOT NULL;

-- Output of attempts (run_id set) and of the workers themselves (run_id NULL).
CREATE TABLE log_lines (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id    TEXT,
  task_id   TEXT,
  attempt   INTEGER,
  line      INTEGER,
  worker_id TEXT NOT NULL,
  time      INTEGER NOT NULL,
  stream    TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  text      TEXT NOT NULL,
  CHECK ((run_id IS NULL) = (task_id IS NULL) AND (run_id IS NULL) = (attempt IS NULL))
) STRICT;
CREATE UNIQUE INDEX log_lines_of_attempt ON log_lines (run_id, task_id, attempt, line)
  WHERE run_id IS NOT NULL;
CREATE INDEX log_lines_of_run ON log_lines (run_id, seq) WHERE run_id IS NOT NULL;
CREATE INDEX log_lines_of_worker ON log_lines (worker_id, seq) WHERE run_id IS NULL;

CREATE TABLE idempotency_keys (
  token_id     TEXT NOT NULL,
  key          TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status       INTEGER NOT NULL,
  body         TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (token_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  time       INTEGER NOT NULL,
  token_id   TEXT,
  action     TEXT NOT NULL,
  target     TEXT,
  outcome    TEXT NOT NULL,
  detail     TEXT NOT NULL CHECK (json_valid(detail)),
  request_id TEXT
) STRICT;
