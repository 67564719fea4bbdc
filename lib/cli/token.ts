/** `deno task token …`: who may do what. */
import { type Command, InvalidArgumentError } from "commander";
import { dataOf } from "../api/client.ts";
import type { TokenList, TokenView, WhoAmI } from "../schema/api.ts";
import { Role, ROLES } from "../schema/roles.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, type PageFlags, showMore } from "./list_page.ts";
import { agoText, durationText, momentText } from "./time_text.ts";

/** Adds `token` and its commands. */
export function addTokenCommands(program: Command, bind: Bind): void {
  const token = program.command("token").description("Manage access tokens");
  token.command("create").description("Make a token; it is shown once")
    .requiredOption("--name <name>", "who or what it is for")
    .requiredOption("--role <role...>", `what it may do: ${ROLES.join(", ")}`, rolesOption)
    .option("--scope <scope...>", "only for these scopes, e.g. project:abc")
    .option("--expires-in <duration>", "its end, e.g. 30d; default: none")
    .action(bind(createToken));
  token.command("bind <matrix-id>")
    .description("Let somebody on the homeserver do what a role may, from the control room")
    .requiredOption("--role <role...>", `what they may do: ${ROLES.join(", ")}`, rolesOption)
    .option("--name <name>", "how they are named, and vote; default: the Matrix id")
    .option("--scope <scope...>", "only for these scopes, e.g. project:abc")
    .option("--expires-in <duration>", "its end, e.g. 30d; default: none")
    .action(bind(bindToken));
  token.command("list").description("All tokens, without their secrets")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listTokens));
  token.command("revoke <token-id>").description("End a token at once").action(bind(revokeToken));
  token.command("whoami").description("Whose token this is and what it may do")
    .action(bind(showWhoAmI));
  token.command("link").description("A link that signs a browser in, once, as this token")
    .action(bind(makeLink));
}

/** @throws {InvalidArgumentError} */
function rolesOption(text: string, before: Role[] = []): Role[] {
  const role = Role.safeParse(text);
  if (role.success) return [...before, role.data];
  throw new InvalidArgumentError(`The roles are ${ROLES.join(", ")}.`);
}

/** Flags of `token create`. */
export interface TokenFlags {
  readonly name: string;
  readonly role: Role[];
  readonly scope?: string[];
  readonly expiresIn?: string;
}

export async function createToken(context: CliContext, flags: TokenFlags): Promise<number> {
  const { client, out } = context;
  const { name, role: roles, scope: scopes, expiresIn: expires_in } = flags;
  const answer = dataOf(await client.createToken({ name, roles, scopes, expires_in }));
  if (out.json) {
    out.document(answer);
    return EXIT.done;
  }
  // The token alone on stdout: TOKEN=$(deno task token create …) works.
  out.line(answer.token);
  const end = answer.expires_at === null ? "without end" : `until ${momentText(answer.expires_at)}`;
  const where = answer.scopes === null ? "every scope" : answer.scopes.join(", ");
  out.note(`${answer.name}: ${answer.roles.join(", ")} for ${where}, ${end}.`);
  out.note(`It is not shown again. To end it:  deno task token revoke ${answer.token_id}`);
  return EXIT.done;
}

export async function bindToken(
  { client, out }: CliContext,
  userId: string,
  flags: Omit<TokenFlags, "name"> & { readonly name?: string },
): Promise<number> {
  const { name, role: roles, scope: scopes, expiresIn: expires_in } = flags;
  const answer = dataOf(
    await client.bindToken({ user_id: userId, name, roles, scopes, expires_in }),
  );
  if (out.json) {
    out.document(answer);
    return EXIT.done;
  }
  const where = answer.scopes === null ? "every scope" : answer.scopes.join(", ");
  out.line(`${userId} is ${answer.roles.join(", ")} for ${where} from now on.`);
  out.note("Invite them into the control room, if they aren't there: deno task matrix setup");
  out.note(`To end it:  deno task token revoke ${answer.token_id}`);
  return EXIT.done;
}

export async function listTokens(context: CliContext, flags: PageFlags): Promise<number> {
  const page = dataOf(await context.client.tokens(flags));
  if (context.out.json) context.out.document(page);
  else showTokens(context, page);
  return EXIT.done;
}

function showTokens({ out, now }: CliContext, page: TokenList): void {
  if (page.tokens.length === 0) return out.note("No tokens.");
  const rows = page.tokens.map((token) => [
    token.token_id,
    nameOf(token),
    token.roles.join(", "),
    token.scopes?.join(", ") ?? "every",
    token.last_used_at === null ? "never" : agoText(token.last_used_at, now()),
    token.revoked_at === null
      ? token.expires_at === null ? "" : `ends ${agoText(token.expires_at, now())}`
      : out.paint("red", "revoked"),
  ]);
  out.table(["TOKEN", "NAME", "ROLES", "SCOPES", "LAST USED", "STATE"], rows);
  showMore(out, page.next_cursor);
}

/** With whom it stands for, where its name doesn't say so. */
function nameOf({ name, bound_to }: TokenView): string {
  return bound_to === null || bound_to === name ? name : `${name} (${bound_to})`;
}

export async function revokeToken(context: CliContext, tokenId: string): Promise<number> {
  const answer = dataOf(await context.client.revokeToken(tokenId));
  if (context.out.json) context.out.document(answer);
  else context.out.line(`The token ${tokenId} can't be used any more.`);
  return EXIT.done;
}

export async function showWhoAmI(context: CliContext): Promise<number> {
  const answer = dataOf(await context.client.whoami());
  if (context.out.json) context.out.document(answer);
  else showOwner(context, answer);
  return EXIT.done;
}

function showOwner({ out }: CliContext, answer: WhoAmI): void {
  out.fields([
    ["name", answer.name],
    ["token", answer.token_id],
    ["roles", answer.roles.join(", ")],
    ["scopes", answer.scopes?.join(", ") ?? "every"],
    ["node", answer.node_id],
  ]);
}

export async function makeLink({ client, out }: CliContext): Promise<number> {
  const answer = dataOf(await client.signInLink());
  if (out.json) {
    out.document(answer);
    return EXIT.done;
  }
  // The link alone on stdout: xdg-open "$(deno task token link)" works.
  out.line(answer.url);
  out.note(`It signs one browser in, within ${durationText(answer.expires_in_sec * 1000)}.`);
  out.note("Whoever opens it has the rights of this token: don't pass it on.");
  return EXIT.done;
}
