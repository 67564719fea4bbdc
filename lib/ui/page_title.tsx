import type { ComponentChildren, JSX } from "preact";
import { Head } from "fresh/runtime";

/** The page's heading, and the same in the browser's title. */
export function PageTitle(
  { title, children }: { title: string; children?: ComponentChildren },
): JSX.Element {
  return (
    <>
      <Head>
        <title>{`${title} · CIS`}</title>
      </Head>
      <div class="page-title">
        <h1>{title}</h1>
        {children}
      </div>
    </>
  );
}
