-- Each way in which runs are listed, newest first, and in which they grow old.
DROP INDEX dag_runs_by_dag;
CREATE INDEX dag_runs_by_dag ON dag_runs (dag_id, created_at, run_id);
CREATE INDEX dag_runs_by_status ON dag_runs (status, created_at, run_id);
CREATE INDEX dag_runs_by_scope ON dag_runs (scope_type, scope_id, created_at, run_id);
CREATE INDEX dag_runs_finished ON dag_runs (finished_at) WHERE finished_at IS NOT NULL;
-- Without it every run that goes makes SQLite look through all of them for one that repeats it.
CREATE INDEX dag_runs_by_retry ON dag_runs (retry_of);
CREATE INDEX dag_runs_by_version ON dag_runs (dag_id, version);
