/** What each request carries through the routes, and Fresh's helpers typed with it. */
import { createDefine } from "fresh";
import type { Principal } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import type { Language } from "../schema/language.ts";
import type { Client } from "./client.ts";
import type { Handle } from "./client_for.ts";

export interface State {
  node: Node;
  requestId: string;
  /** What the reader of a page reads. */
  language: Language;
  /** Who is signed in, if anybody. */
  principal: Principal | undefined;
  /** Whether the principal comes from the session cookie. */
  fromCookie: boolean;
  /** Answers requests as the application does. */
  handle: Handle;
  /** The API as this visitor may use it; for pages. */
  api: Client;
}

export const define = createDefine<State>();
