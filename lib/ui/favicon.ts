/** The icon of the pages, with how much waits. */

/** More than this is many. */
const MOST = 9;

/** Its address. */
export function faviconHref(count: number): string {
  return `/favicon/${Math.min(count, MOST + 1)}`;
}

/** Three tasks and what holds them together; the number of what waits in a corner. */
export function faviconSvg(count: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#1f4d8f"/>
  <path d="M9 9 23 16M9 23 23 16" stroke="#9dc3ff" stroke-width="2.5"/>
  <circle cx="9" cy="9" r="4" fill="#fff"/>
  <circle cx="9" cy="23" r="4" fill="#fff"/>
  <circle cx="23" cy="16" r="4" fill="#7fe0a8"/>${count > 0 ? badge(count) : ""}
</svg>
`;
}

function badge(count: number): string {
  const text = count > MOST ? `${MOST}+` : String(count);
  const width = text.length > 1 ? 22 : 18;
  return `
  <rect x="${32 - width}" y="14" width="${width}" height="18" rx="6" fill="#b3261e"/>
  <text x="${32 - width / 2}" y="28" text-anchor="middle" fill="#fff" font-size="15"
    font-weight="700" font-family="system-ui, sans-serif">${text}</text>`;
}
