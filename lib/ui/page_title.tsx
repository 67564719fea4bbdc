import type { ComponentChildren, JSX } from "preact";
import { Head } from "fresh/runtime";
import { useContext } from "preact/hooks";
import { WaitingContext } from "./waiting_context.ts";
import { withCount } from "./waiting_title.ts";

/** The page's heading, and the same in the browser's title, with how much waits for who reads it. */
export function PageTitle({ title, children }: {
  title: string;
  children?: ComponentChildren;
}): JSX.Element {
  const count = useContext(WaitingContext);
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
