/**
 * Carries one run that is for another node from its wait to its end: offers it, hands it over, follows
 * it, calls it off. What it is at is in the database before another node is told, so whoever of the
 * two dies, the next life goes on from there; the other node takes a run of one id once.
 */
import { peer } from "../api/peer.ts";
import type { Node } from "../node.ts";
import { deadlineOf } from "../skill/dag_executor.ts";
import { mirrorRun } from "../scheduler/mirror_run.ts";
import { executeBody } from "../scheduler/execute_body.ts";
import type { HandoverRow } from "../scheduler/handover_store.ts";
import type { RunRow } from "../scheduler/run_store.ts";
import type { ExecuteBody } from "../schema/handover.ts";
import { isFinalRun } from "../schema/states.ts";
import { HandoverClient } from "./handover_client.ts";

/** How long an offer may be taken up, in milliseconds. */
const OFFER_MS = 10_000;
/** How long this node waits for others to take an offer while it has runs of its own. */
const OTHERS_FIRST_MS = 1_000;

/** What a step has led to. */
export type Step = "again" | "done";

export class Handover {
  readonly #node: Node;
  readonly #runId: string;

  constructor(node: Node, runId: string) {
    this.#node = node;
    this.#runId = runId;
  }

  /**
   * Does what comes next, as long as that takes.
   * @throws whatever keeps it from that; it is to be tried again
   */
  async step(signal: AbortSignal): Promise<Step> {
    const row = this.#node.handovers.load(this.#runId);
    const run = this.#node.runs.load(this.#runId);
    if (row === undefined || run === undefined) return "done";
    if (row.status === "here" || row.status === "ended") return "done";
    if (isFinalRun(run.status)) return await this.#callOff(row, run, signal);
    switch (row.status) {
      case "waiting":
        return await this.#offer(run, signal);
      case "assigned":
        return await this.#handOver(row, run, signal);
      case "accepted":
        return await this.#follow(row, signal);
    }
  }

  /** Keeps why it doesn't get on, where people see it. */
  async explain(reason: string): Promise<void> {
    const { db, handovers } = this.#node;
    if (handovers.load(this.#runId)?.reason === reason) return;
    await db.write((tx) => handovers.setReason(tx, this.#runId, reason));
  }

  /** Offers the run to all nodes; the first that would take it gets it, and nobody else ever. */
  async #offer(run: RunRow, signal: AbortSignal): Promise<Step> {
    const { db, handovers, config } = this.#node;
    const lease = crypto.randomUUID();
    const until = db.now() + OFFER_MS;
    await db.write((tx) => handovers.offer(tx, this.#runId, { lease, until }));
    const round = AbortSignal.any([signal, AbortSignal.timeout(OFFER_MS)]);
    const body = { ...this.#body(run), offer: true };
    const refusals: string[] = [];
    const asked = Object.keys(config.nodes).map(async (nodeId) => {
      const { willing } = await this.#client(nodeId).execute(body, round);
      if (willing) return nodeId;
      throw new Error("it has no room");
    });
    asked.forEach((answer, at) =>
      void answer.catch((error) => {
        refusals.push(`${Object.keys(config.nodes)[at]}: ${messageOf(error)}`);
      })
    );
    const taker = await Promise.any([...asked, this.#ownAnswer(asked, round)]).catch(() => {
      throw new Error(`no node takes it (${refusals.join("; ")})`);
    });
    if (taker === config.node_id) return await this.#takeHere(lease);
    const choice = { lease, nodeId: taker, here: false };
    await db.write((tx) => handovers.assign(tx, this.#runId, choice));
    return "again";
  }

  /** This node's answer to its own offer: at once when it is idle, else after the others. */
  async #ownAnswer(others: readonly Promise<string>[], signal: AbortSignal): Promise<string> {
    const { executor, config } = this.#node;
    if (executor.openCount > 0) {
      const late = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, OTHERS_FIRST_MS);
        signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
      });
      await Promise.race([late, Promise.allSettled(others)]);
    }
    const limit = config.max_running_runs;
    if (limit === undefined || executor.openCount < limit) return config.node_id;
    throw new Error("this node has no room");
  }

  async #takeHere(lease: string): Promise<Step> {
    const { db, handovers, engine, executor, config } = this.#node;
    await db.write((tx) => {
      const choice = { lease, nodeId: config.node_id, here: true };
      if (!handovers.assign(tx, this.#runId, choice)) return;
      this.#setDeadline(tx.now);
      const run = engine.get(this.#runId);
      if (run !== undefined) engine.transact(tx, () => executor.execute(tx, run));
    });
    return "again";
  }

  /** From when it is this node's own the run's time counts. */
  #setDeadline(now: number): void {
    const { runs, specs, db, engine } = this.#node;
    const row = runs.load(this.#runId);
    const deadline = row === undefined ? null : deadlineOf(specs.specOf(row), now);
    if (deadline === null) return;
    db.run("UPDATE dag_runs SET deadline_at = ? WHERE run_id = ?", deadline, this.#runId);
    engine.forget(this.#runId);
  }

  async #handOver(row: HandoverRow, run: RunRow, signal: AbortSignal): Promise<Step> {
    const { db, handovers } = this.#node;
    await this.#clientOf(row).execute(this.#body(run), signal);
    await db.write((tx) => handovers.accepted(tx, this.#runId));
    return "again";
  }

  /** Follows the run on the other node until it has ended; this node's rows show what that one's do. */
  async #follow(row: HandoverRow, signal: AbortSignal): Promise<Step> {
    const { db, handovers } = this.#node;
    const client = this.#clientOf(row);
    let latest = row.last_event;
    let mirroring: Promise<void> | undefined;
    const mirror = async (): Promise<void> => {
      for (let seen = -1; seen !== latest;) {
        seen = latest;
        const view = await client.view(signal);
        await db.write((tx) => {
          mirrorRun(tx, this.#node, view);
          handovers.followed(tx, this.#runId, seen);
          handovers.setReason(tx, this.#runId, null);
        });
      }
      mirroring = undefined;
    };
    for await (const seq of client.follow(row.last_event, signal)) {
      latest = seq;
      mirroring ??= mirror();
      // A failure is met below, once the stream has ended as well.
      mirroring.catch(() => {});
    }
    await mirroring;
    await mirror();
    return "again";
  }

  /** The run has ended here; whoever has it, or may yet get it, is told. */
  async #callOff(row: HandoverRow, run: RunRow, signal: AbortSignal): Promise<Step> {
    const { db, handovers } = this.#node;
    if (row.status !== "waiting") {
      await this.#clientOf(row).cancel(run.error ?? "it was cancelled", signal);
    }
    await db.write((tx) => handovers.end(tx, this.#runId));
    return "done";
  }

  #clientOf({ node_id }: HandoverRow): HandoverClient {
    return this.#client(node_id ?? "");
  }

  #client(nodeId: string): HandoverClient {
    return new HandoverClient(peer(this.#node.config, nodeId), this.#runId);
  }

  #body(run: RunRow): ExecuteBody {
    return { ...executeBody(run, this.#node), origin: this.#node.config.node_id };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
