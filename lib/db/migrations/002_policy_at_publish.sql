-- The policy of the scope when the version was published: what its tasks may touch at most. NULL for
-- versions that are older than this column.
ALTER TABLE dag_specs ADD COLUMN policy_json TEXT
  CHECK (policy_json IS NULL OR json_valid(policy_json));

CREATE TRIGGER dag_specs_policy_immutable
BEFORE UPDATE OF policy_json ON dag_specs
BEGIN
  SELECT RAISE(ABORT, 'a published version does not change');
END;
