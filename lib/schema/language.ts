/** Languages that the pages speak. */
export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of a tag such as `zh-CN`, if it is one of ours. */
export function languageOfTag(tag: string): Language | undefined {
  const primary = tag.trim().toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary);
}
