import { z } from "zod";
import { patternString } from "./checked.ts";
import { quote } from "./quote.ts";

export const ENV_NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables that the system itself sets for tasks start with this. */
export const RESERVED_ENV_PREFIX = "CIS_";

/** The name of an environment variable or a secret that a document may set. */
export const EnvName = patternString(ENV_NAME_PATTERN, {
  code: "bad_env_name",
  describe: (value) =>
    `${quote(value)} cannot name an environment variable; use letters, digits and ` +
    "underscores, not starting with a digit",
}).refine((name) => !name.startsWith(RESERVED_ENV_PREFIX), {
  error: (issue) => `${quote(issue.input)} is reserved: names starting with CIS_ are set for you`,
  params: { code: "reserved_name" },
}).meta({ pattern: "^(?!CIS_)[A-Za-z_][A-Za-z0-9_]*$" });

/** Environment variables by name. Values are strings: quote numbers and booleans. */
export const Env = z.record(
  EnvName,
  z.string({ error: "the value of an environment variable is a string; put it in quotes" }),
);
export type Env = z.infer<typeof Env>;
