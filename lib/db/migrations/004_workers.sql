-- What supervision has to know after a restart of the node, and what became of each worker.

ALTER TABLE workers ADD COLUMN cpu_ms INTEGER CHECK (cpu_ms >= 0);
-- Crashes since it last ran for long; kept so that a restart of the node doesn't forgive them.
ALTER TABLE workers ADD COLUMN crashes_in_row INTEGER NOT NULL DEFAULT 0
  CHECK (crashes_in_row >= 0);
-- When it is started again, while it waits for that.
ALTER TABLE workers ADD COLUMN restart_at INTEGER
  CHECK (restart_at IS NULL OR status = 'crashed');
-- Hash of the command that the process was started with, without its secrets.
ALTER TABLE workers ADD COLUMN command_hash TEXT;

-- Repeats WORKER_TRANSITIONS of lib/schema/states.ts.
CREATE TRIGGER workers_transitions
BEFORE UPDATE OF status ON workers
WHEN old.status <> new.status AND NOT CASE old.status
  WHEN 'starting' THEN new.status IN ('running', 'stopping', 'stopped', 'crashed', 'failed')
  WHEN 'running' THEN new.status IN ('stopping', 'stopped', 'crashed')
  WHEN 'stopping' THEN new.status IN ('stopped', 'crashed')
  WHEN 'stopped' THEN new.status IN ('starting')
  WHEN 'crashed' THEN new.status IN ('starting', 'stopped', 'failed')
  ELSE new.status IN ('starting', 'stopped')
END
BEGIN
  SELECT RAISE(ABORT, 'a worker does not change from this state to that one');
END;

-- Every change of a worker's state.
CREATE TABLE worker_history (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  worker_id  TEXT NOT NULL REFERENCES workers (worker_id) ON DELETE CASCADE,
  time       INTEGER NOT NULL,
  status     TEXT NOT NULL CHECK (status IN
    ('starting', 'running', 'stopping', 'stopped', 'crashed', 'failed')),
  reason     TEXT NOT NULL,
  pid        INTEGER,
  restarts   INTEGER NOT NULL,
  -- What the process last wrote to stderr, where it has ended.
  last_lines TEXT NOT NULL CHECK (json_valid(last_lines))
) STRICT;
CREATE INDEX worker_history_of_worker ON worker_history (worker_id, seq);

-- Memory and CPU over time, from heartbeats. `cpu_ms` counts from the start of the process.
CREATE TABLE worker_samples (
  worker_id    TEXT NOT NULL REFERENCES workers (worker_id) ON DELETE CASCADE,
  time         INTEGER NOT NULL,
  rss          INTEGER NOT NULL CHECK (rss >= 0),
  cpu_ms       INTEGER CHECK (cpu_ms >= 0),
  active_tasks INTEGER NOT NULL CHECK (active_tasks >= 0),
  PRIMARY KEY (worker_id, time)
) STRICT, WITHOUT ROWID;
