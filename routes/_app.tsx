import { asset } from "fresh/runtime";
import { define } from "../lib/api/state.ts";

/** The document around every page. */
export default define.page(({ Component, state }) => (
  <html lang={state.language ?? "en"}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>CIS</title>
      <link rel="stylesheet" href={asset("/styles.css")} />
    </head>
    <body>
      <Component />
    </body>
  </html>
));
