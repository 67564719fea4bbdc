-- Output in chunks (lib/schema/log_chunk.ts) instead of a row for each line. Of attempts, or, with
-- run_id NULL, of the workers' own processes.
CREATE TABLE log_chunks (
  -- Of its last line; lines are numbered on over everything, and the first has seq - lines + 1.
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  lines      INTEGER NOT NULL CHECK (lines >= 1),
  run_id     TEXT,
  task_id    TEXT,
  attempt    INTEGER,
  -- Number within the attempt.
  first_line INTEGER,
  worker_id  TEXT NOT NULL,
  -- By the node's clock; never less than in the row before.
  kept_at    INTEGER NOT NULL,
  -- Of the first line, by the worker's clock.
  time       INTEGER NOT NULL,
  -- [[stream, lines, offset of their time], …]; streams are 0 for stdout, 1 for stderr.
  runs       TEXT NOT NULL CHECK (json_valid(runs)),
  -- How many lines this row stands in for; its text then says that they were removed.
  removed    INTEGER NOT NULL DEFAULT 0 CHECK (removed >= 0),
  text       TEXT NOT NULL,
  CHECK ((run_id IS NULL) = (task_id IS NULL) AND (run_id IS NULL) = (attempt IS NULL)
    AND (run_id IS NULL) = (first_line IS NULL))
) STRICT;
CREATE UNIQUE INDEX log_chunks_of_attempt ON log_chunks (run_id, task_id, attempt, first_line)
  WHERE run_id IS NOT NULL;
CREATE INDEX log_chunks_of_run ON log_chunks (run_id, seq, task_id) WHERE run_id IS NOT NULL;
CREATE INDEX log_chunks_from_worker ON log_chunks (worker_id, seq);
CREATE INDEX log_chunks_of_worker ON log_chunks (worker_id, seq) WHERE run_id IS NULL;

-- What the chunks take up, kept up to date by triggers: adding it up would mean to read them all.
CREATE TABLE log_size (
  only  INTEGER PRIMARY KEY CHECK (only = 1),
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO log_size VALUES (1, 0);

CREATE TRIGGER log_chunks_added AFTER INSERT ON log_chunks
BEGIN
  UPDATE log_size SET bytes = bytes + octet_length(new.text) + 300;
END;
CREATE TRIGGER log_chunks_changed AFTER UPDATE OF text ON log_chunks
BEGIN
  UPDATE log_size SET bytes = bytes + octet_length(new.text) - octet_length(old.text);
END;
CREATE TRIGGER log_chunks_removed AFTER DELETE ON log_chunks
BEGIN
  UPDATE log_size SET bytes = bytes - octet_length(old.text) - 300;
END;

INSERT INTO log_chunks (seq, lines, run_id, task_id, attempt, first_line, worker_id, kept_at, time,
  runs, text)
SELECT seq, 1, run_id, task_id, attempt, iif(run_id IS NULL, NULL, coalesce(line, seq)), worker_id,
  max(time) OVER (ORDER BY seq), time, iif(stream = 'stdout', '[[0,1,0]]', '[[1,1,0]]'),
  -- A line has no line end; where one got into a text, it would be two lines now.
  replace(text, char(10), ' ')
FROM log_lines ORDER BY seq;

-- A number is given once, also when the newest line of before isn't there any more.
UPDATE sqlite_sequence
SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'log_lines'), 0))
WHERE name = 'log_chunks';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'log_chunks', seq FROM sqlite_sequence WHERE name = 'log_lines'
  AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'log_chunks');

DROP TABLE log_lines;
