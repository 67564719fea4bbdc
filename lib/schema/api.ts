/**
 * Bodies and answers of the GLM API (contract §4), as pages, CLI, typed client and OpenAPI use them.
 * Nothing is declared here: each area has a file of its own, and what is exported here is what the
 * OpenAPI document names. Times are ISO 8601 UTC strings; `null` means "not yet" or "none".
 * @module
 */
export * from "./decision_view.ts";
export * from "./event_view.ts";
export * from "./health_view.ts";
export * from "./log_view.ts";
export * from "./permissions_view.ts";
export * from "./policy_view.ts";
export * from "./problem_document.ts";
export * from "./run_view.ts";
export * from "./token_view.ts";
export * from "./version_view.ts";
export * from "./worker_view.ts";
