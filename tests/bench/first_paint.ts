import type { Page } from "playwright-core";

const WITHIN_MS = 10_000;
const BETWEEN_MS = 20;
const PAINT = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null`;

/**
 * When something of a page was first seen, in milliseconds after it was asked for. The page is asked
 * again and again from here: `waitForFunction` would have it evaluate text by itself, which the
 * policy of the pages forbids.
 * @throws when nothing is seen for ten seconds
 */
export async function firstPaint(page: Page): Promise<number> {
  const end = performance.now() + WITHIN_MS;
  while (performance.now() < end) {
    const paint = await page.evaluate<number | null>(PAINT);
    if (paint !== null) return paint;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  throw new Error(`nothing of ${page.url()} was seen within ${WITHIN_MS} ms`);
}
