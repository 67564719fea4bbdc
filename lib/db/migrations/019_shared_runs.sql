-- Runs that nodes share by a room on a homeserver, as that room's timeline has them, and who the nodes are.

-- Members of the room, as its state says: what anybody else says there has no meaning.
CREATE TABLE room_nodes (
  node_id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE,
  -- What it tells of itself (JSON, lib/schema/node_events.ts); NULL: nothing so far.
  info    TEXT CHECK (info IS NULL OR json_valid(info))
) STRICT;

-- The room whose members those are; none: they have not been read yet.
CREATE TABLE nodes_room (
  room_id TEXT NOT NULL PRIMARY KEY
) STRICT;

CREATE TABLE shared_runs (
  run_id     TEXT NOT NULL PRIMARY KEY,
  -- The node that it was confirmed on.
  origin     TEXT NOT NULL,
  -- A node, or * for any one.
  target     TEXT NOT NULL,
  -- What there is to carry out (JSON, as in io.cis.dag.execute).
  body       TEXT NOT NULL CHECK (json_valid(body)),

  -- What the timeline says. Counts the claims that were won; 0: none.
  generation INTEGER NOT NULL DEFAULT 0,
  holder     TEXT,
  -- How long the holder may say nothing before others may claim; NULL: for ever.
  lease_ms   INTEGER,
  -- The event that the next claim has to name; NULL: the run has not been seen in the room yet.
  last_event TEXT,
  -- The holder's number for its claim.
  claim      TEXT,
  ended      INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1)),
  -- Why it doesn't get on, as a node has said.
  reason     TEXT,

  -- The generation that this node carries out; NULL: none.
  held       INTEGER,
  -- Until when it may without having renewed its claim, by this machine's clock; NULL: for ever.
  held_until INTEGER,
  created_at INTEGER NOT NULL,
  CHECK ((generation = 0) = (holder IS NULL))
) STRICT;
CREATE INDEX shared_runs_open ON shared_runs (created_at) WHERE ended = 0;

-- What the holders of a run have told of its tasks: what the next one goes on from.
CREATE TABLE shared_tasks (
  run_id  TEXT NOT NULL REFERENCES shared_runs (run_id) ON DELETE CASCADE,
  task_id TEXT NOT NULL,
  view    TEXT NOT NULL CHECK (json_valid(view)),
  PRIMARY KEY (run_id, task_id)
) STRICT, WITHOUT ROWID;
