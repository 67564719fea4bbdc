/**
 * What this node does about the runs of the nodes' room, by what the timeline says (shared_timeline.ts) and
 * by its own clock: claims, begins, renews, puts down. It looks at all of them again after whatever
 * happens, so nothing depends on a message that a crash has swallowed.
 */
import type { Tx } from "../db/database.ts";
import type { HomeserverOutbox } from "../matrix/homeserver_outbox.ts";
import { NODES_OUTBOX } from "../matrix/homeserver_outbox.ts";
import type { Node } from "../node.ts";
import type { SharedRunRow } from "../scheduler/shared_run_store.ts";
import { putDown } from "../scheduler/take_over.ts";
import { isFinalRun } from "../schema/states.ts";
import { claimOf } from "./shared_timeline.ts";
import { mayClaim } from "./claim.ts";
import { beginShared } from "./begin_shared.ts";
import {
  hasLapsed,
  heldUntil,
  isOver,
  leaseMs,
  type LeaseTerms,
  type Moment,
  takenUp,
} from "./lease.ts";
import { OwnClaims } from "./own_claims.ts";
import { requireRoom, requireWilling } from "./willingness.ts";

/** What acting takes. */
export interface SharedRunsParts {
  readonly node: Node;
  readonly outbox: HomeserverOutbox;
  readonly terms: LeaseTerms;
  readonly now: () => Moment;
  /** Says something in the room at once, or not at all. @returns whether it is there for sure; never throws */
  readonly say: (type: "io.cis.dag.claim", content: object) => Promise<boolean>;
  /** Whether the room counts this node among its own. */
  readonly isMember: () => boolean;
  /** Something waits in the outbox. */
  readonly wake: () => void;
}

/** What this life of the node knows of a run. */
interface Known {
  /** When the last event about who has it was seen, by the steady clock. */
  seen: { readonly event: string | null; readonly at: number };
  readonly claims: OwnClaims;
  /** Until when it may be carried out here; null: for ever; undefined: not at all. */
  until: Moment | null | undefined;
  /** Why it isn't claimed, and when that is looked at again, by the steady clock. */
  unwilling: { readonly why: string; readonly again: number } | undefined;
  /** What has to be in the room, and when it was sent, by the steady clock. */
  told:
    | { readonly type: "io.cis.dag.execute" | "io.cis.dag.cancel"; readonly at: number }
    | undefined;
}

/** Why a node doesn't want a run may change; how often that is looked at, in milliseconds. */
const ASK_AGAIN_MS = 5_000;
/** What should be in the room and isn't is said again after so long. */
const SAY_AGAIN_MS = 30_000;
/** For each run that it has, a node leaves others so much time to claim first; and a little by chance. */
const STEP_BACK_MS = 300;
const MOST_STEPS_BACK = 5;

export class SharedRuns {
  readonly #parts: SharedRunsParts;
  readonly #known = new Map<string, Known>();
  #busy: Promise<void> | undefined;
  #again = false;

  constructor(parts: SharedRunsParts) {
    this.#parts = parts;
  }

  /** What an earlier life had: goes on with what it still holds, and puts the rest down. */
  async takeUp(): Promise<void> {
    const { node, now, terms } = this.#parts;
    for (const row of node.handovers.shared.open()) {
      if (row.held === null) continue;
      const until = row.held_until === null ? null : takenUp(row.held_until, now(), terms);
      if (until === undefined) await this.#putDown(row, "its node was away for too long");
      else this.#of(row).until = until;
    }
  }

  /** Looks at all runs. Settles when everything that follows is done. */
  look(): Promise<void> {
    if (this.#busy !== undefined) {
      this.#again = true;
      return this.#busy;
    }
    this.#busy = this.#lookWhileNeeded().finally(() => this.#busy = undefined);
    return this.#busy;
  }

  /** Renews what this node holds. Late answers renew nothing that is over. */
  async renew(): Promise<void> {
    const { node, now, say, terms } = this.#parts;
    const held = node.handovers.shared.open()
      .filter((row) => row.held_until !== null && row.ended === 0 && !this.#isOver(row));
    if (held.length === 0) return;
    const renewed = held.map(({ run_id, held }) => ({ run_id, generation: held }));
    const sentAt = now();
    if (!await say("io.cis.dag.claim", { v: 1, lease_ms: leaseMs(terms), renewed })) return;
    const until = heldUntil(sentAt, terms);
    await node.db.write((tx) => {
      for (const { run_id, held: generation } of held) {
        const row = node.handovers.shared.load(run_id);
        if (generation === null || row?.held !== generation || this.#isOver(row)) continue;
        node.handovers.shared.hold(tx, run_id, { generation, until: until.wall });
        tx.afterCommit(() => this.#of(row).until = until);
      }
    });
  }

  async #lookWhileNeeded(): Promise<void> {
    do {
      this.#again = false;
      const rows = this.#parts.node.handovers.shared.open();
      const open = new Set(rows.map(({ run_id }) => run_id));
      for (const runId of this.#known.keys()) if (!open.has(runId)) this.#known.delete(runId);
      // What has to stop is not kept waiting by what may begin.
      for (const row of rows) if (row.held !== null) await this.#lookAtHeld(row);
      // One by one: how many it has claimed decides whether a node claims another.
      for (const row of rows) if (row.held === null) await this.#lookAt(row);
    } while (this.#again && !this.#parts.node.ending.aborted);
  }

  async #lookAtHeld(row: SharedRunRow): Promise<void> {
    const { node } = this.#parts;
    const { shared } = node.handovers;
    const isStillOurs = row.holder === node.config.node_id && row.generation === row.held;
    if (node.runs.isOver(row.run_id)) {
      // Its end has been told once the room says so.
      if (row.ended === 1 || !isStillOurs) {
        await node.db.write((tx) => shared.letGo(tx, row.run_id));
      }
    } else if (!isStillOurs) await this.#putDown(row, `${row.holder} has it now`);
    else if (this.#isOver(row)) {
      await this.#putDown(row, "its claim could not be renewed in time; another node may have it");
    }
  }

  async #lookAt(row: SharedRunRow): Promise<void> {
    const { node, now, terms } = this.#parts;
    const known = this.#of(row);
    const { run_id, lease_ms, holder } = row;
    if (this.#sayAnew(row, known)) return;
    const run = node.runs.load(run_id);
    if (row.ended === 1 || (run !== undefined && isFinalRun(run.status))) return;
    if (holder === node.config.node_id) {
      const sentAt = known.claims.sentAt(row.claim);
      if (lease_ms === null) return await this.#begin(row, null);
      const isInTime = sentAt !== undefined && !isOver(heldUntil(sentAt, terms), now());
      if (isInTime) return await this.#begin(row, sentAt);
    }
    const lapsed = holder === null || hasLapsed(
      { seenAt: known.seen.at, leaseMs: lease_ms ?? Infinity },
      now(),
    );
    if (!lapsed || !mayClaim(claimOf(row), node.config.node_id)) return;
    if (known.claims.isWaiting(now(), leaseMs(terms))) return;
    if (now().steady < known.seen.at + this.#stepBackMs()) return;
    if (await this.#isWilling(row, known)) this.#claim(row, known);
  }

  /** Brings into the room what this node has to say there and what got lost on its way, as by a restore. */
  #sayAnew(row: SharedRunRow, known: Known): boolean {
    const { node, outbox, now, wake, isMember } = this.#parts;
    if (row.origin !== node.config.node_id || !isMember()) return false;
    const run = node.runs.load(row.run_id);
    const isCancelled = run !== undefined && isFinalRun(run.status) && row.ended === 0;
    if (row.last_event !== null && !isCancelled) return false;
    const type = isCancelled ? "io.cis.dag.cancel" : "io.cis.dag.execute";
    const before = known.told?.type === type ? known.told : undefined;
    if (before !== undefined && now().steady - before.at < SAY_AGAIN_MS) return true;
    known.told = { type, at: now().steady };
    // What was confirmed here is in the outbox from the beginning.
    if (!isCancelled && before === undefined) return true;
    const said = isCancelled
      ? { v: 1, run_id: row.run_id, reason: run.error ?? "it has ended here" }
      : JSON.parse(row.body);
    void node.db.write((tx) => {
      outbox.add(tx, NODES_OUTBOX, { type, content: JSON.stringify(said) });
      tx.afterCommit(wake);
    });
    return true;
  }

  /** Doesn't wait for what becomes of it: what has to stop in the meantime is not kept waiting. */
  #claim(row: SharedRunRow, known: Known): void {
    const { say, now, terms } = this.#parts;
    const claim = crypto.randomUUID();
    known.claims.add(claim, now());
    void say("io.cis.dag.claim", {
      v: 1,
      run_id: row.run_id,
      generation: row.generation + 1,
      after: row.last_event,
      claim,
      lease_ms: row.target === "*" ? leaseMs(terms) : null,
    }).then((isThere) => isThere || known.claims.answered(claim));
  }

  /** A claim of this node's came back: it has been won, or is none any more. */
  heardOwn(runId: string, claim: string): void {
    const known = this.#known.get(runId);
    const row = this.#parts.node.handovers.shared.load(runId);
    if (row?.claim === claim) known?.claims.answered(claim);
    else known?.claims.lost(claim);
  }

  /** @param sentAt of the claim; null: nobody else may ever have it */
  async #begin(row: SharedRunRow, sentAt: Moment | null): Promise<void> {
    const { node, terms, now } = this.#parts;
    const known = this.#of(row);
    const until = sentAt === null ? null : heldUntil(sentAt, terms);
    if (known.unwilling !== undefined && now().steady < known.unwilling.again) return;
    try {
      await node.db.write((tx) => {
        const present = node.handovers.shared.load(row.run_id);
        if (present?.generation !== row.generation || present.ended === 1) return;
        beginShared(tx, node, { row: present, until: until?.wall ?? null });
        tx.afterCommit(() => known.until = until);
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      known.unwilling = { why, again: now().steady + ASK_AGAIN_MS };
      await node.db.write((tx) => node.handovers.shared.setReason(tx, row.run_id, why));
    }
  }

  async #isWilling(row: SharedRunRow, known: Known): Promise<boolean> {
    const { node, now, isMember } = this.#parts;
    if (!isMember()) return false;
    const { unwilling } = known;
    if (unwilling !== undefined && now().steady < unwilling.again) return false;
    try {
      requireWilling(node, row);
      if (row.target === "*") requireRoom(node, this.#claimedCount());
      known.unwilling = undefined;
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      known.unwilling = { why, again: now().steady + ASK_AGAIN_MS };
      if (row.target !== "*" && unwilling?.why !== why) await this.#refuse(row, why);
      return false;
    }
  }

  /** Says why this node doesn't take a run that is for it. */
  async #refuse({ run_id }: SharedRunRow, why: string): Promise<void> {
    const { node, outbox, wake } = this.#parts;
    const content = JSON.stringify({ v: 1, run_id, refused: why.slice(0, 2_000) });
    await node.db.write((tx) => {
      outbox.add(tx, NODES_OUTBOX, { type: "io.cis.dag.status", content });
      tx.afterCommit(wake);
    });
  }

  async #putDown(row: SharedRunRow, reason: string): Promise<void> {
    const { node } = this.#parts;
    await node.db.write((tx) => this.#release(tx, row, reason));
    this.#of(row).until = undefined;
    node.report(`the run ${row.run_id} is not carried out here any more: ${reason}`);
  }

  #release(tx: Tx, { run_id }: SharedRunRow, reason: string): void {
    const { node } = this.#parts;
    const run = node.engine.get(run_id);
    if (run !== undefined) putDown(tx, node, run, reason);
    node.handovers.shared.letGo(tx, run_id);
  }

  #isOver(row: SharedRunRow): boolean {
    if (row.held_until === null) return false;
    const { until } = this.#of(row);
    return until === undefined || until === null || isOver(until, this.#parts.now());
  }

  #stepBackMs(): number {
    const runs = this.#parts.node.executor.openCount + this.#claimedCount();
    return Math.min(runs, MOST_STEPS_BACK) * STEP_BACK_MS;
  }

  /** Runs that may become this node's any moment. */
  #claimedCount(): number {
    const { now, terms } = this.#parts;
    return this.#known.values()
      .filter(({ claims, until }) => until === undefined && claims.isWaiting(now(), leaseMs(terms)))
      .reduce((sum) => sum + 1, 0);
  }

  #of({ run_id, last_event }: SharedRunRow): Known {
    let known = this.#known.get(run_id);
    if (known === undefined) {
      known = {
        seen: { event: null, at: -Infinity },
        claims: new OwnClaims(),
        until: undefined,
        unwilling: undefined,
        told: undefined,
      };
      this.#known.set(run_id, known);
    }
    if (known.seen.event !== last_event) {
      known.seen = { event: last_event, at: this.#parts.now().steady };
    }
    return known;
  }
}
