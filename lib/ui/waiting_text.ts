import { visibleText } from "./visible_text.ts";

/** What something waits for, to stand behind the word for that: the API says it as a sentence. */
export function waitingText({ message }: { readonly message: string }): string {
  return visibleText(message.replace(/^it waits for /, ""));
}
