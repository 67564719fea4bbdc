/** Writes down what follows from what nodes say in their room, event by event, within a transaction each. */
import type { Tx } from "../db/database.ts";
import type { Node } from "../node.ts";
import { mirrorRun } from "../scheduler/mirror_run.ts";
import type { SharedRunRow } from "../scheduler/shared_run_store.ts";
import { putDown, settle } from "../scheduler/take_over.ts";
import type {
  DagClaimContent,
  DagExecuteContent,
  DagStatusContent,
} from "../schema/node_events.ts";
import { isFinalRun } from "../schema/states.ts";
import { type Claim, type ClaimEvent, isHolder, next } from "./claim.ts";
import type { Said } from "./node_event_reader.ts";

/** What writing down takes. */
export interface TimelineParts {
  readonly node: Node;
  /** Somebody has said what they may not, or what nobody can read. */
  readonly onComplaint: (who: string, what: string) => void;
}

/** A run's claim as it is stored. */
export function claimOf(row: SharedRunRow): Claim {
  return {
    origin: row.origin,
    target: row.target,
    generation: row.generation,
    holder: row.holder,
    leaseMs: row.lease_ms,
    lastEvent: row.last_event,
    claim: row.claim,
    ended: row.ended === 1,
  };
}

export class SharedTimeline {
  readonly #parts: TimelineParts;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
  }

  /** Writes one event down. */
  take(tx: Tx, said: Said): void {
    const { node, onComplaint } = this.#parts;
    const { shared } = node.handovers;
    const complain = (what: string): void => tx.afterCommit(() => onComplaint(said.sender, what));
    if (said.kind === "invalid") return complain(said.what);
    if (said.kind === "member") return shared.setNode(tx, said.nodeId, said.userId);
    if (said.kind === "info") return shared.setInfo(tx, said.sender, said.info);
    if (said.kind === "encrypted") {
      return complain("an order to encrypt the nodes' room, which no node reads then");
    }
    const from = shared.nodes().find(({ user_id }) => user_id === said.sender)?.node_id;
    if (from === undefined) return complain(`"${said.kind}" in the nodes' room, and is no node`);
    const { id } = said;
    switch (said.kind) {
      case "io.cis.dag.execute":
        return this.#execute(tx, { id, from, content: said.content });
      case "io.cis.dag.claim":
        return this.#claim(tx, { id, from, content: said.content });
      case "io.cis.dag.status":
        return this.#status(tx, { id, from, content: said.content });
      case "io.cis.dag.cancel": {
        const row = shared.load(said.content.run_id);
        if (row === undefined) return;
        const reason = `cancelled by ${from} (${said.content.reason})`;
        if (this.#happen(tx, row, { type: "cancel", from })) this.#stop(tx, row.run_id, reason);
      }
    }
  }

  #execute(tx: Tx, { id, from, content }: From<DagExecuteContent>): void {
    const { shared } = this.#parts.node.handovers;
    shared.add(tx, { origin: from, body: content });
    const row = shared.load(content.run_id);
    if (row !== undefined) this.#happen(tx, row, { type: "execute", id, from });
  }

  #claim(tx: Tx, { id, from, content }: From<DagClaimContent>): void {
    const { shared } = this.#parts.node.handovers;
    if ("renewed" in content) {
      for (const { run_id, generation } of content.renewed) {
        const row = shared.load(run_id);
        const event = { type: "renewal", id, from, generation, leaseMs: content.lease_ms } as const;
        if (row !== undefined) this.#happen(tx, row, event);
      }
      return;
    }
    const { run_id, generation, after, claim, lease_ms: leaseMs } = content;
    const row = shared.load(run_id);
    if (row === undefined) return;
    this.#happen(tx, row, { type: "claim", id, from, generation, after, claim, leaseMs });
  }

  #status(tx: Tx, { from, content }: From<DagStatusContent>): void {
    const { node } = this.#parts;
    const { shared } = node.handovers;
    const row = shared.load(content.run_id);
    if (row === undefined) return;
    if ("refused" in content) {
      if (from === row.target && row.holder === null) {
        shared.setReason(tx, row.run_id, `${from} doesn't take it: ${content.refused}`);
      }
      return;
    }
    const { generation, view } = content;
    if (!isHolder(row, { from, generation }) || view.run_id !== row.run_id) return;
    shared.keepTasks(tx, row.run_id, view.tasks);
    if (row.held === null) mirrorRun(tx, node, { ...view, node_id: from });
    const isFinal = isFinalRun(view.status);
    if (isFinal) this.#happen(tx, row, { type: "status", from, generation, isFinal });
  }

  /** @returns whether anything follows */
  #happen(tx: Tx, row: SharedRunRow, event: ClaimEvent): boolean {
    const { node } = this.#parts;
    const { shared } = node.handovers;
    const before = claimOf(row);
    const after = next(before, event);
    if (after === before) return false;
    shared.setClaim(tx, row.run_id, {
      generation: after.generation,
      holder: after.holder,
      lease_ms: after.leaseMs,
      last_event: after.lastEvent,
      claim: after.claim,
      ended: after.ended ? 1 : 0,
    });
    const isAnothers = after.generation !== before.generation || after.holder !== before.holder;
    if (isAnothers) this.#passOn(tx, row, `${after.holder} has it now`);
    return true;
  }

  /** Somebody else, or a later claim, has a run now. */
  #passOn(tx: Tx, { run_id, held }: SharedRunRow, reason: string): void {
    const { node } = this.#parts;
    if (held === null) {
      settle(tx, node, run_id);
      return node.engine.forget(run_id);
    }
    const run = node.engine.get(run_id);
    if (run !== undefined) putDown(tx, node, run, reason);
    node.handovers.shared.letGo(tx, run_id);
  }

  /** Ends it here, whether it is carried out here or only shown. */
  #stop(tx: Tx, runId: string, reason: string): void {
    const { engine } = this.#parts.node;
    const run = engine.get(runId);
    if (run === undefined) return;
    engine.transact(tx, () => engine.apply(tx, run, { type: "stop", status: "cancelled", reason }));
  }
}

interface From<Content> {
  readonly id: string;
  readonly from: string;
  readonly content: Content;
}
