/** What `new App(…)` accepts. */
export interface FreshConfig {
  /** Path under which the whole app lives, such as `/my-app`. */
  basePath?: string;
  mode?: "development" | "production";
}

/** The same with every default filled in. */
export interface ResolvedFreshConfig {
  root: string;
  basePath: string;
  mode: "development" | "production";
}
