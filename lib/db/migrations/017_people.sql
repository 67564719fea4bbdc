-- People in rooms: who somebody there is, what the node has told them, and what it has heard from them.

-- Whom a token stands for. Nobody has its secret: it is used by what its account says.
CREATE TABLE token_bindings (
  user_id  TEXT NOT NULL PRIMARY KEY,
  token_id TEXT NOT NULL UNIQUE REFERENCES tokens (token_id),
  bound_at INTEGER NOT NULL
) STRICT;

-- What is shown in the control room. One row is one message, which is edited when there is news.
CREATE TABLE matrix_notices (
  notice_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL CHECK (kind IN
    ('version', 'run', 'decision', 'answer', 'question', 'unbound')),
  -- What it is about: `<dag_id>@<version>`, an id, the event that is answered.
  subject       TEXT NOT NULL,
  -- Its text; NULL: made when it is sent, from how its subject stands then.
  content       TEXT CHECK (content IS NULL OR json_valid(content)),
  -- The event whose thread it is in; NULL: decided when it is sent.
  thread        TEXT,
  -- Number under which it is sent, with its revision: however often that is tried, it is there once.
  txn           TEXT NOT NULL UNIQUE,
  -- The homeserver's id; NULL: not sent yet.
  event_id      TEXT UNIQUE,
  revision      INTEGER NOT NULL DEFAULT 1,
  sent_revision INTEGER NOT NULL DEFAULT 0,
  sent_at       INTEGER,
  created_at    INTEGER NOT NULL,
  UNIQUE (kind, subject),
  CHECK ((kind IN ('version', 'run', 'decision')) = (content IS NULL))
) STRICT;
CREATE INDEX matrix_notices_unsent ON matrix_notices (notice_id) WHERE sent_revision < revision;

-- Events of people that were acted upon, written with what was done: each is once.
CREATE TABLE matrix_heard (
  event_id TEXT NOT NULL PRIMARY KEY,
  heard_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to which event of the node people have been told.
CREATE TABLE matrix_told (
  room_id TEXT NOT NULL PRIMARY KEY,
  seq     INTEGER NOT NULL
) STRICT;
