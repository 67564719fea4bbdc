/** A scope as text. Without zod: islands take this to the browser. */

/** What of a scope its text is made of. */
type Named =
  | { readonly type: "global" }
  | { readonly type: "project"; readonly project_id: string }
  | { readonly type: "user"; readonly user_id: string }
  | { readonly type: "type"; readonly dag_type: string };

/** The id within the scope's type, or null for the global scope. */
export function scopeId(scope: Named): string | null {
  switch (scope.type) {
    case "global":
      return null;
    case "project":
      return scope.project_id;
    case "user":
      return scope.user_id;
    case "type":
      return scope.dag_type;
  }
}

/** A scope as short text: `global`, `project:abc`, `user:u`, `type:backup`. */
export function scopeKey(scope: Named): string {
  const id = scopeId(scope);
  return id === null ? scope.type : `${scope.type}:${id}`;
}
