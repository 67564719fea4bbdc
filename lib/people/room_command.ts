/** Commands that people write in the control room: `!dag …` and `!worker …`. Pure. */

/** A document in a message, as it was pasted. */
export interface PastedSpec {
  readonly text: string;
  /** As its code block says; undefined: to be found out. */
  readonly format?: "json" | "yaml" | "toml";
}

/** What somebody wants. */
export type RoomCommand =
  | { readonly verb: "help" | "list" | "workers" }
  | { readonly verb: "show" | "status" | "logs"; readonly id: string }
  /** Without a document it is in a file: the one that comes with it, or is replied to. */
  | { readonly verb: "publish"; readonly spec?: PastedSpec }
  | { readonly verb: "confirm"; readonly id: string; readonly specHash?: string }
  | { readonly verb: "reject"; readonly id: string; readonly reason: string }
  | { readonly verb: "cancel" | "retry"; readonly id: string }
  /** It was meant as a command and isn't one. */
  | { readonly verb: "wrong"; readonly why: string };

/** Each command with what it does, in the order of the help. */
export const COMMANDS: readonly (readonly [usage: string, what: string])[] = [
  ["!dag list", "the newest DAGs, and what waits for a yes"],
  ["!dag show <id>", "its tasks, what they may touch, its hash"],
  ["!dag status <id>", "how a DAG or a run stands"],
  ["!dag publish", "with the document in a code block behind it, or as a reply to a file"],
  ["!dag confirm <id> [hash]", "says yes to what waits"],
  ["!dag reject <id> <reason>", "says no to what waits"],
  ["!dag cancel <run>", "ends a run"],
  ["!dag retry <run>", "begins it again and keeps what has completed"],
  ["!dag logs <run>", "its last lines"],
  ["!worker status", "all workers"],
];

/**
 * Reads a message.
 * @returns undefined where it is no command
 */
export function parseRoomCommand(message: string): RoomCommand | undefined {
  const text = withoutQuote(message).trim();
  const [, name, verb = "help", rest = ""] = /^!(dag|worker)(?:\s+(\S+))?(?:\s+([^]*))?$/i
    .exec(text) ?? [];
  if (name === undefined) return undefined;
  return name.toLowerCase() === "worker"
    ? workerCommand(verb.toLowerCase())
    : dagCommand(verb.toLowerCase(), rest.trim());
}

function workerCommand(verb: string): RoomCommand {
  return verb === "status"
    ? { verb: "workers" }
    : wrong("workers have one command: !worker status");
}

function dagCommand(verb: string, rest: string): RoomCommand {
  const [id = "", second] = rest.split(/\s+/);
  switch (verb) {
    case "help":
    case "list":
      return { verb };
    case "publish":
      return rest === "" ? { verb } : { verb, spec: pasted(rest) };
    case "show":
    case "status":
    case "logs":
      return id === "" ? usage(verb) : { verb, id };
    case "cancel":
    case "retry":
      return id === "" ? usage(verb) : { verb, id };
    case "confirm":
      if (id === "") return usage(verb);
      return second === undefined ? { verb, id } : { verb, id, specHash: second.toLowerCase() };
    case "reject": {
      const reason = rest.slice(id.length).trim();
      return id === "" || reason === "" ? usage(verb) : { verb, id, reason };
    }
    default:
      return wrong(`there is no command !dag ${verb.slice(0, 40)}; see !dag help`);
  }
}

/** A code block, or everything where there is none. */
function pasted(rest: string): PastedSpec {
  const [, language = "", text] = /^```([a-z]*)[^\n]*\n([^]*?)\n?```\s*$/i.exec(rest) ?? [];
  if (text === undefined) return { text: rest };
  const named = language.toLowerCase().replace(/^yml$/, "yaml");
  const format = (["json", "yaml", "toml"] as const).find((known) => known === named);
  return format === undefined ? { text } : { text, format };
}

/** Without the lines that some clients quote a message with that is replied to. */
function withoutQuote(message: string): string {
  return message.startsWith("> ") ? message.replace(/^(?:>.*\n)+\n?/, "") : message;
}

function usage(verb: string): RoomCommand {
  const found = COMMANDS.find(([text]) => text.startsWith(`!dag ${verb}`));
  return wrong(`say it so: ${found?.[0] ?? "!dag help"}`);
}

function wrong(why: string): RoomCommand {
  return { verb: "wrong", why };
}
