-- Values are encrypted under the key in secret.key; what is here can't be read without that file.
CREATE TABLE secrets (
  name       TEXT NOT NULL,
  -- Scope key such as "project:abc"; empty: every scope.
  scope      TEXT NOT NULL,
  value      TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES tokens (token_id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (name, scope)
) STRICT;
