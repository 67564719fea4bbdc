import type { ComponentChildren, JSX } from "preact";
import { Head } from "fresh/runtime";
import { useContext } from "preact/hooks";
import { WaitingContext } from "./waiting_context.ts";
import { countIn, withCount } from "./waiting_title.ts";

/** The page's heading, and the same in the browser's title, with how much waits for who reads it. */
export function PageTitle({ title, children }: {
  title: string;
  children?: ComponentChildren;
}): JSX.Element {
  // Where an island is drawn anew, the title of its document has it.
  const count = useContext(WaitingContext) ?? countIn(globalThis.document?.title ?? "");
  return (
    <>
      <Head>
        <title>{withCount(`${title} · CIS`, count)}</title>
      </Head>
      <div class="page-title">
        <h1>{title}</h1>
        {children}
      </div>
    </>
  );
}
