-- The run by whose times the tasks of a run are put in order; it may be gone.
ALTER TABLE dag_runs ADD COLUMN times_of TEXT;
