import { createContext } from "preact";

/** How much waits, for the titles of pages. Set by the layout. */
export const WaitingContext = createContext(0);
