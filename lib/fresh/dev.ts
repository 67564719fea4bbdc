/** What a build or start-up script imports from `fresh/dev`. */
export { Builder, type BuildOptions, type ResolvedBuildConfig } from "./builder.ts";
