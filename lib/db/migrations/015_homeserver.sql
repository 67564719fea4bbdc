-- Rooms of workers on a homeserver, and what is on its way there and back.

CREATE TABLE matrix_rooms (
  worker_id    TEXT PRIMARY KEY,
  -- Key of the scope, as in `project:abc`.
  scope        TEXT NOT NULL,
  -- The homeserver's id for the room; the node's own is made from the worker's.
  room_id      TEXT NOT NULL UNIQUE,
  alias        TEXT NOT NULL,
  -- The worker's account: only what it sends counts as the worker's.
  user_id      TEXT NOT NULL UNIQUE,
  -- Its session, encrypted as secrets are.
  access_token TEXT NOT NULL,
  created_at   INTEGER NOT NULL
) STRICT;

-- What the node has said and the homeserver has not taken yet, in order.
CREATE TABLE matrix_outbox (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  worker_id TEXT NOT NULL,
  type      TEXT NOT NULL,
  content   TEXT NOT NULL CHECK (json_valid(content)),
  -- Number of the event that it was put into, with others or alone; NULL: it waits for that.
  txn       TEXT
) STRICT;
CREATE INDEX matrix_outbox_by_worker ON matrix_outbox (worker_id, seq);

-- How far the node has dealt with what its account was told: written with what was done about it.
CREATE TABLE matrix_sync (
  user_id TEXT PRIMARY KEY,
  token   TEXT NOT NULL
) STRICT;
