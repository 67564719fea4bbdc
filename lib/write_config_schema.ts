/** Writes `cis.config.schema.json` anew (`deno task schema`). */
import { configJsonSchema } from "./config_schema.ts";

if (import.meta.main) {
  const file = new URL("../cis.config.schema.json", import.meta.url);
  Deno.writeTextFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
