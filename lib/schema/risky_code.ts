/**
 * Places in commands and scripts that a person should look at twice before confirming. Hints, and no
 * wall: what can be done is decided by permissions, and what isn't found here isn't harmless. Pure.
 * @module
 */

/** What may be wrong with a place. */
export const RISKS = [
  "deletes",
  "runs_download",
  "more_rights",
  "opens_files",
  "overwrites_disk",
  "forks",
  "hidden_code",
  "rewrites_history",
  "ends_processes",
  "raw_connection",
  "credentials",
  "persists",
  "publishes",
  "deletes_data",
  "no_check",
  "preloads",
  "container",
  "spawns",
  "remote_module",
] as const;
export type Risk = (typeof RISKS)[number];

/** A place in a text. */
export interface RiskyPlace {
  readonly risk: Risk;
  readonly from: number;
  readonly to: number;
}

const SHELL: readonly (readonly [Risk, RegExp])[] = [
  ["deletes", /\brm\s+(?:-\S+\s+)*(?:-\w*[rRf]\w*|--recursive|--force)\b[^\n;&|]*/g],
  ["deletes", /\bfind\b[^\n;|]*\s-delete\b/g],
  ["deletes", /\bshred\b/g],
  ["runs_download", /\b(?:curl|wget)\b[^\n;]*\|\s*(?:sudo\s+)?(?:[\w./-]*\/)?(?:ba|z|da|k)?sh\b/g],
  ["runs_download", /\b(?:curl|wget)\b[^\n;]*\|\s*(?:python\d?|node|deno|perl|ruby)\b/g],
  ["runs_download", /\b(?:ba|z|da)?sh\s+(?:-c\s+["']?\$|<)\(\s*(?:curl|wget)\b/g],
  ["more_rights", /\b(?:sudo|doas|pkexec)\b|\bsu\s+-/g],
  ["more_rights", /\bchmod\s+(?:-\w+\s+)*(?:[ugo]*\+s\b|[2467][0-7]{3}\b)/g],
  ["opens_files", /\bchmod\s+(?:-\w+\s+)*(?:0?777|a\+\w*w\w*|o\+\w*w\w*)\b/g],
  ["opens_files", /\bch(?:own|mod)\s+(?:-\w*R\w*|--recursive)\b/g],
  ["overwrites_disk", /\bdd\b[^\n;]*\bof=\S+|\bmkfs(?:\.\w+)?\b|>\s*\/dev\/(?:sd|nvme|vd|hd)\w*/g],
  ["forks", /:\s*\(\)\s*\{[^}]*:\s*\|\s*:/g],
  ["hidden_code", /\bbase64\s+(?:-d|-D|--decode)\b[^\n;]*\|\s*\S+|\bxxd\s+-r\b[^\n;]*\|\s*\S+/g],
  ["hidden_code", /\beval\b/g],
  [
    "rewrites_history",
    /\bgit\s+push\b[^\n;]*(?:\s-f\b|--force\b|--force-with-lease\b|--delete\b)/g,
  ],
  [
    "rewrites_history",
    /\bgit\s+(?:reset\s+--hard|clean\s+-\w*[fdx]|filter-branch|checkout\s+--\s)/g,
  ],
  [
    "ends_processes",
    /\b(?:pkill|killall|shutdown|reboot|poweroff|halt)\b|\bkill\s+-(?:9|KILL|SIGKILL)\b/g,
  ],
  ["raw_connection", /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat|socat)\s+\S+/g],
  [
    "credentials",
    /\/etc\/(?:shadow|sudoers)\b|\.ssh\/\S*|\bid_(?:rsa|ed25519|ecdsa)\b|\.aws\/|\.netrc\b|\bowner\.token\b|\.kube\/config\b/g,
  ],
  [
    "persists",
    /\bcrontab\b|\bsystemctl\s+(?:enable|start|restart|stop)\b|>>?\s*~?\/?\S*\.(?:bashrc|profile|zshrc|bash_profile)\b/g,
  ],
  ["persists", /\b(?:nohup|setsid|disown)\b/g],
  [
    "publishes",
    /\b(?:npm|cargo|pnpm|yarn|deno|jsr|twine|gem)\s+(?:publish|upload|push)\b|\bdocker\s+push\b|\bgh\s+release\b|\bterraform\s+(?:apply|destroy)\b|\bkubectl\s+(?:delete|apply)\b/g,
  ],
  ["deletes_data", /\b(?:drop\s+(?:table|database|schema)|truncate\s+table|delete\s+from)\b/gi],
  [
    "no_check",
    /\bcurl\b[^\n;|]*\s(?:-k|--insecure)\b|\bwget\b[^\n;|]*--no-check-certificate\b|\bStrictHostKeyChecking=no\b/g,
  ],
  ["preloads", /\bLD_(?:PRELOAD|LIBRARY_PATH)=/g],
  ["container", /\bdocker\b[^\n;]*--privileged\b|\bdocker\.sock\b|\bnsenter\b/g],
];

const SCRIPT: readonly (readonly [Risk, RegExp])[] = [
  ["spawns", /\bDeno\.Command\b|\bchild_process\b/g],
  ["hidden_code", /\beval\s*\(|\bnew\s+Function\s*\(|\batob\s*\(/g],
  ["deletes", /\bDeno\.remove(?:Sync)?\s*\(|\b(?:rm|rmdir|unlink)(?:Sync)?\s*\(/g],
  ["remote_module", /\b(?:import|from)\s*\(?\s*["'`](?:https?|npm|jsr):/g],
  ["credentials", /\bDeno\.env\.toObject\b|\.ssh\/|\bowner\.token\b/g],
  ["raw_connection", /\bDeno\.(?:connect|listen)\w*\s*\(/g],
  ["preloads", /\bDeno\.dlopen\b/g],
];

/** Places in a shell command, in order, none within another. */
export function riskyInShell(text: string): RiskyPlace[] {
  return places(text, SHELL);
}

/** Places in the script of a deno task. */
export function riskyInScript(text: string): RiskyPlace[] {
  return places(text, SCRIPT);
}

/** Longest stretch that is looked at in one go, and how far the next one goes back. */
const WINDOW = 400;
const OVERLAP = 200;

function places(text: string, patterns: readonly (readonly [Risk, RegExp])[]): RiskyPlace[] {
  const all = windowsOf(text).flatMap(({ from, part }) =>
    patterns.flatMap(([risk, pattern]) =>
      [...part.matchAll(pattern)].map((match) => ({
        risk,
        from: from + match.index,
        to: from + match.index + match[0].trimEnd().length,
      }))
    )
  ).sort((a, b) => a.from - b.from || b.to - a.to);
  const kept: RiskyPlace[] = [];
  for (const place of all) {
    if (place.from >= (kept.at(-1)?.to ?? 0) && place.to > place.from) kept.push(place);
  }
  return kept;
}

/**
 * The lines of a text, long ones in stretches that overlap: what a pattern has to try grows with the
 * square of the length, and whoever wrote the text may want it to.
 */
function windowsOf(text: string): { from: number; part: string }[] {
  const windows: { from: number; part: string }[] = [];
  let from = 0;
  for (const line of text.split("\n")) {
    for (let at = 0; at === 0 || at + OVERLAP < line.length; at += WINDOW - OVERLAP) {
      windows.push({ from: from + at, part: line.slice(at, at + WINDOW) });
    }
    from += line.length + 1;
  }
  return windows;
}
