/** What somebody wants by what they have said: found out from it, and from the notice that it is about. */
import { CisError } from "../errors.ts";
import { requireRole } from "../auth/principal.ts";
import { requireMayDecide } from "../scheduler/decide.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import type { NoticeTarget } from "./notice_sender.ts";
import { type NoticeRow, type NoticeStore, versionOf } from "./notice_store.ts";
import { cut, type NoticeText, say } from "./notice_text.ts";
import {
  cancelAction,
  confirmAction,
  decisionAction,
  publishAction,
  rejectAction,
  retryAction,
  type RoomAction,
  type Speaker,
} from "./room_actions.ts";
import {
  helpAnswer,
  listAnswer,
  logsAnswer,
  showAnswer,
  statusAnswer,
  workersAnswer,
} from "./room_answers.ts";
import { fileIn, readFile } from "./room_file.ts";
import type { RoomCommand } from "./room_command.ts";
import type { Said } from "./said.ts";

/** Asks for something that changes nothing yet. Within the transaction, so that it is asked once. */
export interface Question {
  readonly question: NoticeText;
  /** @throws {CisError} where the answer wouldn't count anyway */
  check(tx: Parameters<RoomAction["perform"]>[0]): void;
}

/** What comes of a request. */
export type Outcome = RoomAction | Question | { readonly answer: NoticeText };

/** A request that is for the node. */
export interface RoomRequest {
  /** The event whose thread the answer belongs into. */
  readonly thread: string;
  /** @throws {CisError} where it is refused */
  prepare(speaker: Speaker): Outcome | Promise<Outcome>;
}

/** Commands that change nothing. */
type Asking = Extract<
  RoomCommand,
  { verb: "help" | "list" | "workers" } | { verb: "show" | "status" | "logs" }
>;

/** What finding out takes. */
export interface RequestSources {
  readonly node: Speaker["node"];
  readonly notices: NoticeStore;
  /** The room, asked without patience. */
  readonly target: NoticeTarget;
}

/** @returns undefined where it is none of the node's business */
export function requestOf(
  said: Said,
  user: string,
  sources: RequestSources,
): RoomRequest | undefined {
  if (said.kind === "command") {
    return { thread: said.thread, prepare: (speaker) => byCommand(speaker, said, sources.target) };
  }
  return said.kind === "reaction" ? byReaction(said, sources) : byRemark(said, user, sources);
}

async function byCommand(
  speaker: Speaker,
  said: Extract<Said, { kind: "command" }>,
  target: NoticeTarget,
): Promise<Outcome> {
  const { command } = said;
  switch (command.verb) {
    case "wrong":
      throw new CisError("invalid_request", command.why);
    case "publish":
      return publishAction(speaker, command.spec ?? await attached(speaker, said, target));
    case "confirm":
      return confirmAction(speaker, { dagId: command.id, specHash: command.specHash });
    case "reject":
      return rejectAction(speaker, { dagId: command.id, reason: command.reason });
    case "cancel":
      return cancelAction(speaker, command.id);
    case "retry":
      return retryAction(speaker, command.id);
    default:
      requireRole(speaker.principal, "viewer");
      return { answer: answerTo(speaker, command) };
  }
}

function answerTo(speaker: Speaker, command: Asking): NoticeText {
  switch (command.verb) {
    case "help":
      return helpAnswer();
    case "list":
      return listAnswer(speaker);
    case "workers":
      return workersAnswer(speaker);
    case "show":
      return showAnswer(speaker, command.id);
    case "status":
      return statusAnswer(speaker, command.id);
    case "logs":
      return logsAnswer(speaker, command.id);
  }
}

/** The document in the file that comes with the command, or that it replies to. */
async function attached(
  { node, principal }: Speaker,
  { file, repliesTo }: Extract<Said, { kind: "command" }>,
  target: NoticeTarget,
): ReturnType<typeof readFile> {
  // Before anything large is fetched.
  requireRole(principal, "publisher");
  const found = file ?? (repliesTo === undefined ? undefined : await fileIn(target, repliesTo));
  if (found !== undefined) {
    return await readFile(target, { file: found, maxBytes: node.config.max_body_bytes });
  }
  throw new CisError(
    "invalid_request",
    "there is no document: put it into a code block behind !dag publish, or say that in reply to " +
      "a file",
  );
}

function byReaction(
  { to, answer }: Extract<Said, { kind: "reaction" }>,
  { node, notices }: RequestSources,
): RoomRequest | undefined {
  const row = notices.byEvent(to);
  if (row?.kind === "decision") {
    const prepare = (speaker: Speaker): RoomAction =>
      decisionAction(speaker, { decisionId: row.subject, answer });
    return { thread: to, prepare };
  }
  const version = row && announced(row, node);
  if (version === undefined) return undefined;
  const { dag_id: dagId, spec_hash: specHash } = version;
  return {
    thread: to,
    prepare: (speaker) =>
      answer === "reject"
        ? askWhy(speaker, version)
        // The announcement changes to say so, and that is the answer.
        : { ...confirmAction(speaker, { dagId, specHash }), isShown: true },
  };
}

/** A no needs a reason that the publisher can act on. */
function askWhy({ node, principal }: Speaker, version: SpecRow): Question {
  const { dag_id, spec_hash } = version;
  return {
    question:
      say`${principal.name}: why? Answer in this thread with the reason, and ${dag_id} is refused.`,
    check: (tx) => {
      requireMayDecide(tx, node.db, { row: version, who: principal.tokenId });
      const waiting = node.specs.waiting(dag_id);
      if (waiting?.spec_hash === spec_hash && waiting.expires_at > tx.now) return;
      const now = waiting === undefined ? "nothing does" : `version ${waiting.version} does`;
      throw new CisError(
        "nothing_waiting",
        `version ${version.version} of "${dag_id}" doesn't wait for an answer any more; ${now}`,
      );
    },
  };
}

/** The reason that was asked for; what else is said in threads is between people. */
function byRemark(
  { to, text }: Extract<Said, { kind: "remark" }>,
  user: string,
  { node, notices }: RequestSources,
): RoomRequest | undefined {
  const thread = to.map((id) => notices.byEvent(id)?.thread ?? id)
    .find((id) => notices.bySubject("question", questionSubject(id, user)) !== undefined);
  const row = thread === undefined ? undefined : notices.byEvent(thread);
  const version = row && announced(row, node);
  if (thread === undefined || version?.status !== "waiting_confirmation" || text === "") {
    return undefined;
  }
  const { dag_id: dagId, spec_hash: specHash } = version;
  const order = { dagId, specHash, reason: cut(text, MOST_REASON) };
  return { thread, prepare: (speaker) => rejectAction(speaker, order) };
}

/** As long as a reason may be by the other doors. */
const MOST_REASON = 4000;

/** Whom something was asked, where. */
export function questionSubject(thread: string, user: string): string {
  return `${thread} ${user}`;
}

function announced(row: NoticeRow, node: Speaker["node"]): SpecRow | undefined {
  if (row.kind !== "version") return undefined;
  const { dagId, version } = versionOf(row);
  return node.specs.load(dagId, version);
}
