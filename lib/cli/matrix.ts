/** `deno task matrix setup`: a homeserver for the rooms of this node's workers. */
import type { Command } from "commander";
import type { Registration } from "../matrix/credentials.ts";
import { admitNode, dismissNode, roomOwner } from "../matrix/nodes_room_setup.ts";
import { setUp, type SetupResult, type SetupWish } from "../matrix/setup.ts";
import { dataOf } from "../api/client.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { agoText } from "./time_text.ts";
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
  readonly nodesRoom?: string;
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
    .option("--nodes-room <name>", "the room that nodes share, made if it isn't there: #nodes")
    .action(bind((context, flags: SetupFlags) => setUpMatrix(context, flags)));
  matrix.command("admit <node-id> <account>")
    .description("Let another node into the nodes' room that this machine's node has made")
    .action(bind(admit));
  matrix.command("nodes").description("The nodes of the room that this node shares")
    .action(bind(listNodes));
  matrix.command("dismiss <node-id>")
    .description("Put a node out of it: what it says there doesn't count from then on")
    .action(bind(dismiss));
}

/** @throws {UsageError} for what is no account */
export async function admit(
  context: CliContext,
  nodeId: string,
  account: string,
): Promise<number> {
  const { out } = context;
  const userId = account;
  if (!/^@[^:]+:.+$/.test(userId)) {
    throw new UsageError(`${account} is no account`, "Give one such as @cis-node2:example.org");
  }
  await admitNode(roomOwner(context.matrixSettings().dataDir), { nodeId, userId });
  if (out.json) out.document({ success: true, node_id: nodeId, user_id: userId });
  else {
    out.line(`${userId} is the node ${nodeId} from now on; it comes in by itself.`);
    out.line("On each node that is to carry out runs of another one, say so:");
    out.line(`  deno task token bind ${userId} --role node --name ${nodeId}`);
  }
  return EXIT.done;
}

/** Who is in the room, and when they were heard. */
export async function listNodes({ client, out, now }: CliContext): Promise<number> {
  const page = dataOf(await client.nodes());
  if (out.json) out.document(page);
  else if (page.nodes.length === 0) out.note("This node shares no room with others.");
  else {
    out.table(
      ["NODE", "ACCOUNT", "VERSION", "LABELS", "LAST HEARD"],
      page.nodes.map(({ node_id, account, version, labels, last_heard, is_this }) => [
        node_id,
        account,
        version ?? "",
        Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(" "),
        is_this ? "this one" : last_heard === null ? "not yet" : agoText(last_heard, now()),
      ]),
    );
  }
  return EXIT.done;
}

/** Ends what an account had to say as a node. */
export async function dismiss(context: CliContext, nodeId: string): Promise<number> {
  const { out } = context;
  const userId = await dismissNode(roomOwner(context.matrixSettings().dataDir), nodeId);
  if (userId === undefined) {
    out.note(`No node ${nodeId} is in the nodes' room.`);
    return EXIT.notFound;
  }
  if (out.json) out.document({ success: true, node_id: nodeId, user_id: userId });
  else {out.line(
      `${userId} is no node any more; what it held goes to others when its lease is over.`,
    );}
  return EXIT.done;
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
    ...(flags.nodesRoom === undefined ? {} : { nodesRoom: flags.nodesRoom }),
  };
  const result = await setUp(wish);
  if (out.json) out.document(result);
  else show(context, result, homeserver);
  return EXIT.done;
}

function show(context: CliContext, result: SetupResult, configured: string | undefined): void {
  const { out } = context;
  out.line(`${out.paint("green", "Signed in")} as ${result.user_id} on ${result.homeserver}`);
  out.line(`The session is in ${result.credentials_file} (only you can read it).`);
  out.line(`Control room: ${result.control_room}`);
  const { nodes_room: nodes } = result;
  if (nodes !== null) {
    out.line(`Nodes' room: ${nodes.alias}`);
    if (!nodes.is_admitted) {
      const { nodeId } = context.matrixSettings();
      out.line("It can't come in yet. On the machine where that room was made:");
      out.line(`  deno task matrix admit ${nodeId} ${result.user_id}`);
    }
  }
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
