/** Secrets as the API takes and shows them: values go in and never come out. */
import { z } from "zod";
import { EnvName } from "./environment.ts";

/** Shorter values would be found in ordinary text, which masking would then blot out. */
export const MIN_SECRET_LENGTH = 8;
/** Largest value in bytes. The system takes no variable of more than 128 KiB. */
export const MAX_SECRET_BYTES = 32 * 1024;

/** The name of a secret is that of the variable in which tasks get it. */
export const SecretName = EnvName.refine((name) => name.length <= 128, {
  error: "the name of a secret has at most 128 characters",
});

/** A value that can be a variable and can be masked. The messages never quote it. */
export const SecretValue = z.string({ error: "the value of a secret is a string" })
  .refine((value) => value.trim().length >= MIN_SECRET_LENGTH, {
    error: `a secret has at least ${MIN_SECRET_LENGTH} characters, blanks around it not counted: ` +
      "a shorter one would be found in ordinary text, and masked there",
  })
  .refine((value) => new TextEncoder().encode(value).length <= MAX_SECRET_BYTES, {
    error: `a secret has at most ${MAX_SECRET_BYTES} bytes`,
  })
  .refine((value) => !value.includes("\0") && value.isWellFormed(), {
    error: "a secret is text without NUL characters; encode binary data, for example as base64",
  });

/** Body of PUT /api/v1/secrets/{name}. */
export const SecretBody = z.strictObject({
  value: SecretValue,
  /** Scope key such as "project:abc"; absent: every scope. */
  scope: z.string().optional(),
});

export const SecretView = z.object({
  name: z.string(),
  /** Scope key; null: every scope. */
  scope: z.string().nullable(),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type SecretView = z.infer<typeof SecretView>;

export const SecretList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  secrets: z.array(SecretView),
});
export type SecretList = z.infer<typeof SecretList>;
