/** Short formatted texts for rooms: each as plain text and as the HTML that Matrix allows. Pure. */

/** A text in both forms. */
export interface NoticeText {
  readonly text: string;
  readonly html: string;
}

/** Longest piece of text from elsewhere, in characters. */
const MOST = 500;

/** Puts a text together; what is filled in is text from elsewhere, unless it is formatted already. */
export function say(
  parts: TemplateStringsArray,
  ...values: (string | number | NoticeText)[]
): NoticeText {
  return join(
    parts.flatMap((part, index) => {
      const value = values[index];
      return value === undefined ? [plain(part)] : [plain(part), formatted(value)];
    }),
    { text: "", html: "" },
  );
}

export function bold(value: string): NoticeText {
  const { text, html } = foreign(value);
  return { text, html: `<strong>${html}</strong>` };
}

export function code(value: string): NoticeText {
  const { text, html } = foreign(value);
  return { text, html: `<code>${html}</code>` };
}

/** A block of lines as they are. */
export function block(value: string): NoticeText {
  return { text: value, html: `<pre><code>${escape(value)}</code></pre>` };
}

export function link(url: string, value: string): NoticeText {
  return { text: `${value}: ${url}`, html: `<a href="${escape(url)}">${escape(value)}</a>` };
}

/** A moment, as short as a person reads it. @param iso as the API gives it */
export function moment(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** One line below the other. */
export function lines(...all: readonly (NoticeText | undefined)[]): NoticeText {
  return join(all.filter((line) => line !== undefined), { text: "\n", html: "<br>" });
}

/** Points of a list, and how many there are beyond the most that are shown. */
export function list(items: readonly (string | NoticeText)[], most = 20): NoticeText {
  const more = items.length - most;
  const shown = [
    ...items.slice(0, most).map(formatted),
    ...(more > 0 ? [say`and ${more} more`] : []),
  ];
  return {
    text: shown.map(({ text }) => `• ${text}`).join("\n"),
    html: `<ul>${shown.map(({ html }) => `<li>${html}</li>`).join("")}</ul>`,
  };
}

/** A text from elsewhere, not longer than a notice bears. */
export function cut(text: string, most = MOST): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function formatted(value: string | number | NoticeText): NoticeText {
  return typeof value === "object" ? value : foreign(String(value));
}

/** In one line and without signs that nobody sees: what it says can't look like what the node says. */
function foreign(value: string): NoticeText {
  return plain(cut(value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")));
}

function plain(text: string): NoticeText {
  return { text, html: escape(text) };
}

function join(all: readonly NoticeText[], between: NoticeText): NoticeText {
  return {
    text: all.map(({ text }) => text).join(between.text),
    html: all.map(({ html }) => html).join(between.html),
  };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
