import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Problems the browser itself noticed while a page was open. */
export interface PageReport {
  /** Uncaught exceptions and everything written with `console.error`, CSP violations included. */
  errors: string[];
}

/**
 * Opens a page in a real browser, hands it to `use` and closes everything again.
 * Without Chromium one line says what was not run; with `CI=true` that is a failure.
 */
export async function withPage(
  use: (page: Page, report: PageReport) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  if (!await hasChromium()) return missing();
  const browser: Browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  try {
    const page = await browser.newPage(options);
    const report: PageReport = { errors: [] };
    page.on("pageerror", (error) => report.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") report.errors.push(message.text());
    });
    page.setDefaultTimeout(15_000);
    await use(page, report);
  } finally {
    await browser.close();
  }
}

const PICTURES = new URL("../../_screenshots/", import.meta.url);

/** Keeps a picture of the whole page for people to look at, under a name without its ending. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, PICTURES)), fullPage: true });
}

/** Keeps a picture of what is seen of the page, as {@linkcode keepPicture} does of all of it. */
export async function keepView(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, PICTURES)) });
}

async function hasChromium(): Promise<boolean> {
  try {
    return (await Deno.stat(EXECUTABLE)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function missing(): void {
  const message = `Not run: the browser part of this test, because ${EXECUTABLE} is missing. ` +
    `Install it with "apt-get install chromium".`;
  if (Deno.env.get("CI") === "true") throw new Error(message);
  // deno-lint-ignore no-console -- a test that did less than it says must say so
  console.warn(message);
}
