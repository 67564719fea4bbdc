/** `deno task matrix setup`: a homeserver for the rooms of this node's workers. */
import type { Command } from "commander";
import type { Registration } from "../matrix/credentials.ts";
import { setUp, type SetupResult, type SetupWish } from "../matrix/setup.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of `matrix setup`. */
export interface SetupFlags {
  readonly homeserver?: string;
  readonly sharedSecretFile?: string;
  readonly registrationTokenFile?: string;
  readonly openRegistration?: boolean;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly invite?: readonly string[];
}

/** Adds `matrix`. */
export function addMatrixCommands(program: Command, bind: Bind): void {
  const matrix = program.command("matrix").description("Put rooms on a Matrix homeserver");
  matrix.command("setup")
    .description(
      "Give this machine's node an account and a control room; run it again to sign in anew",
    )
    .option("--homeserver <url>", "its address, or a server's name; default: that of the settings")
    .option("--shared-secret-file <path>", "accounts are made with Synapse's registration secret")
    .option("--registration-token-file <path>", "accounts are made with a registration token")
    .option("--open-registration", "accounts are made as anybody may")
    .option("--user <name>", "the node uses this account, instead of one that is made")
    .option("--password-file <path>", "its password; without it you are asked")
    .option("--invite <user...>", "who is asked into the control room, such as @you:example.org")
    .action(bind((context, flags: SetupFlags) => setUpMatrix(context, flags)));
}

/** @throws {UsageError} when something is missing and nobody can be asked */
export async function setUpMatrix(context: CliContext, flags: SetupFlags): Promise<number> {
  const { out } = context;
  const { dataDir, nodeId, homeserver } = context.matrixSettings();
  const wish: SetupWish = {
    dataDir,
    nodeId,
    homeserver: await required(context, flags.homeserver ?? homeserver, {
      question: "Address of the homeserver (https://…): ",
      flag: "--homeserver",
    }),
    registration: await registrationOf(context, flags),
    ...(flags.user === undefined ? {} : { account: await accountOf(context, flags.user, flags) }),
    invite: flags.invite ?? [],
  };
  const result = await setUp(wish);
  if (out.json) out.document(result);
  else show(context, result, homeserver);
  return EXIT.done;
}

function show({ out }: CliContext, result: SetupResult, configured: string | undefined): void {
  out.line(`${out.paint("green", "Signed in")} as ${result.user_id} on ${result.homeserver}`);
  out.line(`The session is in ${result.credentials_file} (only you can read it).`);
  out.line(`Control room: ${result.control_room}`);
  out.line("");
  if (configured === result.homeserver) {
    out.line("Next: deno task start. A node that runs takes the session up by itself.");
  } else {
    out.line("Next: name the homeserver in cis.config.json, then start the node anew:");
    out.line(`  { "matrix": { "homeserver": "${result.homeserver}" } }`);
  }
  out.line("Then say who may decide in the control room:");
  out.line("  deno task token bind @you:example.org --role approver");
}

async function registrationOf(context: CliContext, flags: SetupFlags): Promise<Registration> {
  const { sharedSecretFile, registrationTokenFile, openRegistration } = flags;
  const given = [sharedSecretFile, registrationTokenFile, openRegistration].filter((flag) =>
    flag !== undefined
  );
  if (given.length > 1) {
    throw new UsageError(
      "Name one way in which accounts are made",
      "See deno task matrix setup -h",
    );
  }
  if (sharedSecretFile !== undefined) {
    return { by: "shared_secret", secret: await firstLine(context, sharedSecretFile) };
  }
  if (registrationTokenFile !== undefined) {
    return { by: "token", token: await firstLine(context, registrationTokenFile) };
  }
  if (openRegistration === true) return { by: "open" };
  const secret = context.canAsk
    ? await context.readSecret(
      "Registration secret of the homeserver (registration_shared_secret): ",
    )
    : null;
  if (secret !== null && secret !== "") return { by: "shared_secret", secret };
  throw new UsageError(
    "How are accounts for workers made?",
    "Give --shared-secret-file, --registration-token-file or --open-registration",
  );
}

async function accountOf(
  context: CliContext,
  user: string,
  { passwordFile }: SetupFlags,
): Promise<NonNullable<SetupWish["account"]>> {
  const password = passwordFile === undefined
    ? context.canAsk ? await context.readSecret(`Password of ${user}: `) : null
    : await firstLine(context, passwordFile);
  if (password !== null && password !== "") return { user, password };
  throw new UsageError(`The password of ${user} is missing`, "Give --password-file");
}

async function firstLine(context: CliContext, path: string): Promise<string> {
  const [line = ""] = (await context.readText(path)).split("\n");
  if (line.trim() !== "") return line.trim();
  throw new UsageError(`${path} is empty`);
}

async function required(
  context: CliContext,
  given: string | undefined,
  { question, flag }: { readonly question: string; readonly flag: string },
): Promise<string> {
  const answer = given ?? (context.canAsk ? await context.ask(question) : null);
  if (answer !== null && answer !== "") return answer;
  throw new UsageError(`${flag} is missing`);
}
