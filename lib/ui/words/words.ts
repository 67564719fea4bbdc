/** The words of the pages in the reader's language. Everything that they say themselves is here. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Language, languageOfTag } from "../../schema/language.ts";
import { EN, type Words } from "./en.ts";
import { ZH } from "./zh.ts";

export type { Words } from "./en.ts";

const WORDS: Readonly<Record<Language, Words>> = { en: EN, zh: ZH };

/** Set by the layout; an island has none around it and asks its document. */
export const WordsContext = createContext<Words | undefined>(undefined);

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return WORDS[language];
}

/** The words for what is being drawn. */
export function useWords(): Words {
  return useContext(WordsContext) ?? wordsOf(documentLanguage());
}

/** The language that the server drew the page in, which an island goes on with. */
function documentLanguage(): Language {
  const tag = globalThis.document?.documentElement?.lang ?? "";
  return languageOfTag(tag) ?? "en";
}
