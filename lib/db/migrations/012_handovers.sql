-- Times are epoch milliseconds.

-- Runs of this node that are for another one. One that isn't here is carried out by this node.
CREATE TABLE handovers (
  run_id      TEXT NOT NULL PRIMARY KEY REFERENCES dag_runs (run_id) ON DELETE CASCADE,
  -- A node, or * for any one.
  target      TEXT NOT NULL,
  -- waiting: nobody has it; assigned: node_id gets it, and nobody else; accepted: it has said so;
  -- here: this node carries it out itself; ended: there is nothing left to tell it.
  status      TEXT NOT NULL CHECK (status IN ('waiting', 'assigned', 'accepted', 'here', 'ended')),
  node_id     TEXT,
  -- The round of offers that may still be taken up.
  lease       TEXT,
  lease_until INTEGER,
  -- Why it doesn't get on.
  reason      TEXT,
  -- The last event of the other node that was followed.
  last_event  INTEGER NOT NULL DEFAULT 0,
  CHECK (status NOT IN ('assigned', 'accepted', 'here') OR node_id IS NOT NULL)
) STRICT;
CREATE INDEX handovers_open ON handovers (status) WHERE status <> 'ended';

-- Runs that other nodes have handed to this one. A row without its run was called off before it came.
CREATE TABLE received_runs (
  run_id       TEXT NOT NULL PRIMARY KEY,
  origin       TEXT NOT NULL,
  dag_id       TEXT,
  version      INTEGER,
  spec_hash    TEXT,
  -- Who confirmed it there.
  confirmed_by TEXT,
  received_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX received_runs_by_dag ON received_runs (dag_id, version) WHERE dag_id IS NOT NULL;
