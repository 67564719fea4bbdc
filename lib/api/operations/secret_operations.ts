/** Secrets of tasks. */
import { z } from "zod";
import { SecretBody, SecretList, SecretView } from "../../schema/secret.ts";
import type { Operation } from "../operation.ts";

export const SECRET_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/api/v1/secrets",
    id: "list_secrets",
    role: "admin",
    summary: "All secrets, without their values",
    answer: SecretList,
  },
  {
    method: "PUT",
    path: "/api/v1/secrets/{name}",
    id: "set_secret",
    role: "admin",
    summary: "Sets a secret or replaces its value, which no answer ever has",
    body: SecretBody,
    secretBody: true,
    answer: SecretView,
    errors: ["secrets_unreadable", "invalid_state"],
  },
  {
    method: "DELETE",
    path: "/api/v1/secrets/{name}",
    id: "remove_secret",
    role: "admin",
    summary: "Removes a secret: that of ?scope=, else that of every scope",
    query: { scope: z.string().describe("Such as project:abc; absent: that of every scope") },
    answer: SecretView,
    errors: ["secret_not_found"],
  },
];
