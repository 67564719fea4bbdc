/** Rows of `matrix_notices`, `matrix_heard` and `matrix_told`: what people are shown, and what was heard. */
import type { Database, Tx } from "../db/database.ts";
import type { NoticeText } from "./notice_text.ts";

/** A notice whose text says how its subject stands, and is edited when that changes. */
export type LiveKind = "version" | "run" | "decision";

/** One message in the control room. */
export interface NoticeRow {
  readonly notice_id: number;
  readonly kind: LiveKind | "answer" | "question" | "unbound";
  readonly subject: string;
  /** A {@linkcode NoticeText} as JSON; null for those that are live. */
  readonly content: string | null;
  readonly thread: string | null;
  readonly txn: string;
  readonly event_id: string | null;
  readonly revision: number;
  /** 0: it was not sent as a whole yet. */
  readonly sent_revision: number;
}

/** A notice whose text stays as it is. */
export interface FixedNotice {
  readonly kind: "answer" | "question" | "unbound";
  readonly subject: string;
  readonly content: NoticeText;
  readonly thread: string;
}

/** After so long what people said and were told is forgotten. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;

export class NoticeStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes that an event is acted upon. @returns false where it was before */
  hear(tx: Tx, eventId: string): boolean {
    return this.#db.run(
      "INSERT INTO matrix_heard (event_id, heard_at) VALUES (?,?) ON CONFLICT DO NOTHING",
      eventId,
      tx.now,
    ) > 0;
  }

  /** Whether an event was acted upon. */
  isHeard(eventId: string): boolean {
    return this.#db.get("SELECT 1 FROM matrix_heard WHERE event_id = ?", eventId) !== undefined;
  }

  /** Adds a live notice, once for each subject. */
  addLive(tx: Tx, kind: LiveKind, subject: string): void {
    this.#insert(tx, { kind, subject, content: null, thread: null });
  }

  /** Adds one whose text stays. Where the subject has one already there is no second. */
  addFixed(tx: Tx, { content, ...notice }: FixedNotice): void {
    this.#insert(tx, { ...notice, content: JSON.stringify(content) });
  }

  /** There is news of a subject: its notice, if there is one, will be edited. */
  touch(_tx: Tx, kind: LiveKind, subject: string): void {
    this.#db.run(
      "UPDATE matrix_notices SET revision = revision + 1 WHERE kind = ? AND subject = ?",
      kind,
      subject,
    );
  }

  /** What is to be sent next: new messages first, then the edit that has waited longest. */
  next(): NoticeRow | undefined {
    return this.#db.get<NoticeRow>(
      `SELECT * FROM matrix_notices WHERE sent_revision < revision
       ORDER BY event_id IS NOT NULL, coalesce(sent_at, 0), notice_id LIMIT 1`,
    );
  }

  /**
   * It needs no more sending as it was.
   * @param eventId of the message; for an edit it is known already; null: there is none
   */
  sent(tx: Tx, row: NoticeRow, eventId: string | null): void {
    this.#db.run(
      `UPDATE matrix_notices SET sent_revision = ?, sent_at = ?, event_id = coalesce(event_id, ?)
       WHERE notice_id = ? AND (event_id IS ? OR event_id IS ?)`,
      row.revision,
      tx.now,
      eventId,
      row.notice_id,
      // Where the message was lost meanwhile, an edit of it says nothing.
      row.event_id,
      eventId,
    );
  }

  /** The room shows a message of the node's: an earlier life may not have come to note its id. */
  shown(_tx: Tx, txn: string, eventId: string): void {
    this.#db.run(
      "UPDATE matrix_notices SET event_id = ? WHERE txn = ? AND event_id IS NULL",
      eventId,
      txn,
    );
  }

  /** Messages about what changes that the room has, newest first. */
  newestShown(most: number): NoticeRow[] {
    return this.#db.all<NoticeRow>(
      `SELECT * FROM matrix_notices WHERE event_id IS NOT NULL AND content IS NULL
       ORDER BY notice_id DESC LIMIT ?`,
      most,
    );
  }

  /** The room doesn't have it any more: it is to be sent as if it never had been. */
  lost(_tx: Tx, { notice_id }: NoticeRow): void {
    this.#db.run(
      "UPDATE matrix_notices SET event_id = NULL, sent_revision = 0, txn = ? WHERE notice_id = ?",
      // Under the old number an edit of it may have been taken by now.
      crypto.randomUUID(),
      notice_id,
    );
  }

  /** When somebody was last heard, in epoch milliseconds; undefined: nobody ever was. */
  heardAt(): number | undefined {
    return this.#db.get<{ at: number | null }>("SELECT max(heard_at) AS at FROM matrix_heard")
      ?.at ??
      undefined;
  }

  /** Its subject is gone. */
  remove(_tx: Tx, { notice_id }: NoticeRow): void {
    this.#db.run("DELETE FROM matrix_notices WHERE notice_id = ?", notice_id);
  }

  /** The notice with this message. */
  byEvent(eventId: string): NoticeRow | undefined {
    return this.#db.get<NoticeRow>("SELECT * FROM matrix_notices WHERE event_id = ?", eventId);
  }

  /** The notice about a subject. */
  bySubject(kind: NoticeRow["kind"], subject: string): NoticeRow | undefined {
    return this.#db.get<NoticeRow>(
      "SELECT * FROM matrix_notices WHERE kind = ? AND subject = ?",
      kind,
      subject,
    );
  }

  /** Up to which event of the node a room was told; undefined: it was told nothing yet. */
  told(room: string): number | undefined {
    return this.#db.get<{ seq: number }>("SELECT seq FROM matrix_told WHERE room_id = ?", room)
      ?.seq;
  }

  /** Notes it. */
  saveTold(_tx: Tx, room: string, seq: number): void {
    this.#db.run(
      `INSERT INTO matrix_told (room_id, seq) VALUES (?,?)
       ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq`,
      room,
      seq,
    );
  }

  /** Forgets what is old. */
  prune(tx: Tx): void {
    const before = tx.now - KEPT_MS;
    this.#db.run("DELETE FROM matrix_heard WHERE heard_at < ?", before);
    this.#db.run("DELETE FROM matrix_notices WHERE created_at < ?", before);
  }

  #insert(
    tx: Tx,
    { kind, subject, content, thread }: Pick<NoticeRow, "kind" | "subject" | "content" | "thread">,
  ): void {
    this.#db.run(
      `INSERT INTO matrix_notices (kind, subject, content, thread, txn, created_at)
       VALUES (?,?,?,?,?,?) ON CONFLICT (kind, subject) DO NOTHING`,
      kind,
      subject,
      content,
      thread,
      crypto.randomUUID(),
      tx.now,
    );
  }
}

/** What a version's notice is about. */
export function versionSubject(dagId: string, version: number): string {
  return `${dagId}@${version}`;
}

/** The version that a notice is about. */
export function versionOf({ subject }: Pick<NoticeRow, "subject">): {
  readonly dagId: string;
  readonly version: number;
} {
  const at = subject.lastIndexOf("@");
  return { dagId: subject.slice(0, at), version: Number(subject.slice(at + 1)) };
}
