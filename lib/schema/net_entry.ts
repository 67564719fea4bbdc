import { z } from "zod";
import { customIssue } from "./checked.ts";
import { parseNetEntry } from "./net_address.ts";
import { quote } from "./quote.ts";

/** An entry of a `net` list. */
export const NetEntry = z.string().superRefine((text, context) => {
  if (parseNetEntry(text) !== undefined) return;
  const message = `${quote(text)} is not an address; write "host" or "host:port", without a ` +
    "scheme, an IPv6 address in brackets";
  context.issues.push(customIssue(text, "bad_value", message));
}).meta({ minLength: 1, description: "host or host:port" });
