/** Tokens, and who is signed in with one, as the API shows them. */
import { z } from "zod";
import { Role } from "./roles.ts";
import { MaybeTime, Time } from "./time_field.ts";

export const TokenBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  roles: z.array(Role).min(1),
  /** Scope keys such as "project:abc"; absent: every scope. */
  scopes: z.array(z.string()).optional(),
  /** Duration such as "30d", or seconds; absent: no end. */
  expires_in: z.union([z.string(), z.number()]).optional(),
});

/** A token for somebody's account on the homeserver. */
export const BindBody = TokenBody.partial({ name: true }).extend({
  user_id: z.string().max(255).regex(/^@[^:\s]+:\S+$/, "must be such as @you:example.org"),
});

export const TokenView = z.object({
  token_id: z.string(),
  name: z.string(),
  did: z.string(),
  roles: z.array(Role),
  scopes: z.array(z.string()).nullable(),
  created_at: Time,
  expires_at: MaybeTime,
  last_used_at: MaybeTime,
  revoked_at: MaybeTime,
  /** The account on the homeserver that it stands for, whose words in rooms it decides about. */
  bound_to: z.string().nullable().default(null),
});
export type TokenView = z.infer<typeof TokenView>;

/** The token itself is in this answer and nowhere else. */
export const TokenAnswer = TokenView.extend({ token: z.string() });
export type TokenAnswer = z.infer<typeof TokenAnswer>;

export const TokenList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  tokens: z.array(TokenView),
});
export type TokenList = z.infer<typeof TokenList>;

/** Who is signed in: GET /api/v1/whoami. */
export const WhoAmI = z.object({
  token_id: z.string(),
  name: z.string(),
  roles: z.array(Role),
  scopes: z.array(z.string()).nullable(),
  node_id: z.string(),
});
export type WhoAmI = z.infer<typeof WhoAmI>;

/** Answer to POST /api/v1/sign-in-link: a link that signs a browser in, once. */
export const SignInLink = z.object({ url: z.string(), expires_in_sec: z.number() });
export type SignInLink = z.infer<typeof SignInLink>;
