import type { ComponentChildren, JSX } from "preact";
import { Head } from "fresh/runtime";

/** The page's heading, and the same in the browser's title. */
export function PageTitle({ title, count, children }: {
  title: string;
  /** How much waits here: shown where only the browser's title is seen. */
  count?: number;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <>
      <Head>
        <title>{`${count ? `(${count}) ` : ""}${title} · CIS`}</title>
      </Head>
      <div class="page-title">
        <h1>{title}</h1>
        {children}
      </div>
    </>
  );
}
