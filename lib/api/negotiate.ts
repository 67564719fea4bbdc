/** Which of several forms of an answer the `Accept` header asks for (RFC 9110, section 12.5.1). */

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * The form that the request likes best. Of those liked alike it is the one that the header names
 * first, and where the header leaves it open or asks for none of them, the first of `offered`.
 * @param offered media types, the usual one first
 */
export function negotiate<T extends string>(request: Request, offered: readonly [T, ...T[]]): T {
  const ranges = (request.headers.get("accept") ?? "").split(",").map(parseRange);
  let best: { form: T; quality: number; place: number } | undefined;
  for (const form of offered) {
    const place = mostSpecific(form, ranges);
    const quality = ranges[place]?.quality ?? 0;
    const better = best === undefined || quality > best.quality ||
      (quality === best.quality && place < best.place);
    if (quality > 0 && better) best = { form, quality, place };
  }
  return best?.form ?? offered[0];
}

function parseRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** Where the header says most exactly what it thinks of a form; -1: nowhere. */
function mostSpecific(form: string, ranges: readonly Range[]): number {
  const wildcards = [form, `${form.split("/")[0]}/*`, "*/*"];
  for (const wanted of wildcards) {
    const place = ranges.findIndex(({ type }) => type === wanted);
    if (place >= 0) return place;
  }
  return -1;
}
