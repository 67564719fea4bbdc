/** Access tokens. */
import { BindBody, TokenAnswer, TokenBody, TokenList, TokenView } from "../../schema/api.ts";
import type { Operation } from "../operation.ts";

export const TOKEN_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/api/v1/tokens",
    id: "list_tokens",
    role: "admin",
    summary: "All tokens, without their secrets",
    answer: TokenList,
  },
  {
    method: "POST",
    path: "/api/v1/tokens",
    id: "create_token",
    role: "admin",
    summary: "A new token, which is in this answer and nowhere else",
    body: TokenBody,
    status: 201,
    answer: TokenAnswer,
  },
  {
    method: "POST",
    path: "/api/v1/tokens/bind",
    id: "bind_token",
    role: "admin",
    summary: "A token that somebody has by what their account on the homeserver says in rooms",
    body: BindBody,
    status: 201,
    answer: TokenView,
  },
  {
    method: "GET",
    path: "/api/v1/tokens/{id}",
    id: "get_token",
    role: "admin",
    summary: "One token, without its secret",
    answer: TokenView,
    errors: ["token_not_found"],
  },
  {
    method: "DELETE",
    path: "/api/v1/tokens/{id}",
    id: "revoke_token",
    role: "admin",
    summary: "Ends a token and the sessions that it opened",
    answer: TokenView,
    errors: ["token_not_found", "invalid_state"],
  },
];
