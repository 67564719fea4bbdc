import { createContext } from "preact";

/** How much waits, for the titles of pages. Set by the layout; an island has none around it. */
export const WaitingContext = createContext<number | undefined>(undefined);
