/** In which language somebody reads the pages: the one they chose, or the one their browser asks for. */
import { type Language, languageOfTag, LANGUAGES } from "../schema/language.ts";
import { readCookie } from "./identify.ts";

const LANGUAGE_COOKIE = "cis_language";
const YEAR_SEC = 365 * 24 * 3600;

/** The language for a request; English where nothing says otherwise. */
export function languageOf(request: Request): Language {
  const chosen = readCookie(request, LANGUAGE_COOKIE);
  return LANGUAGES.find((language) => language === chosen) ??
    acceptedLanguage(request.headers.get("accept-language") ?? "") ?? "en";
}

/** The first of our languages in `Accept-Language`, by weight and then by order. */
export function acceptedLanguage(header: string): Language | undefined {
  const wishes = header.split(",").map((wish) => {
    const [tag = "", ...parameters] = wish.split(";");
    const weight = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
    return { language: languageOfTag(tag), weight: weight === undefined ? 1 : Number(weight) };
  });
  return wishes.filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight)[0]?.language;
}

/** The `Set-Cookie` header that keeps a choice. */
export function languageCookie(language: Language): string {
  return `${LANGUAGE_COOKIE}=${language}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${YEAR_SEC}`;
}
