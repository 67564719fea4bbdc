/** The JSON Schema of `cis.config.json`, for editors: committed beside it, and served. */
import { z } from "zod";
import { ConfigFile } from "./config_file.ts";
import type { JsonSchema } from "./schema/json_schema.ts";

/** Makes the schema from the settings' own types. */
export function configJsonSchema(): JsonSchema {
  const { properties, ...schema } = z.toJSONSchema(ConfigFile, { io: "input" });
  return {
    ...schema,
    title: "cis.config.json",
    description: "Settings of a cis-dag node; see docs/operations.md",
    properties: { $schema: { type: "string" }, ...properties },
  };
}
