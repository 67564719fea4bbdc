/**
 * Endpoints that change the database. The change, its row in the audit log and the answer that is
 * kept for its Idempotency-Key are one transaction: a node that dies has all of them or none.
 */
import type { Context } from "fresh";
import type { Tx } from "../db/database.ts";
import type { Role } from "../schema/roles.ts";
import { admitting, type Audited, type Call, type EndpointOptions } from "./endpoint.ts";
import type { State } from "./state.ts";

/** What a change has done. */
export interface Done<T = unknown> {
  /** Answered as JSON. */
  readonly answer: T;
  /** The row in the audit log, where it differs from what the endpoint says. */
  readonly action?: string;
  readonly target?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Nothing was changed, so there is nothing to write down. */
  readonly isQuestion?: true;
}

/** One such endpoint. */
export interface Change<T = unknown> extends Audited, Omit<EndpointOptions, "audited"> {
  /** What the caller has to be. */
  readonly role: Role;
  /** Status of the answer; absent: 200. */
  readonly status?: number;
  /**
   * Reads the request and throws where it is refused.
   * @returns what happens within the transaction, at once
   */
  prepare(call: Call): ((tx: Tx) => Done<T>) | Promise<(tx: Tx) => Done<T>>;
}

/** Makes the endpoint: audited, whether it is done or refused. */
export function changeEndpoint<T>(change: Change<T>): (ctx: Context<State>) => Promise<Response> {
  const { role, status = 200 } = change;
  return admitting(role, { ...change, audited: change }, async (call, keep) => {
    const perform = await change.prepare(call);
    const body = await call.node.db.write((tx) => {
      const done = perform(tx);
      if (done.isQuestion !== true) appendRow(tx, call, { change, done });
      const text = JSON.stringify(done.answer);
      keep?.(tx, { status, body: change.secretAnswer === true ? null : text });
      return text;
    });
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    return new Response(body, { status, headers });
  });
}

function appendRow(
  tx: Tx,
  call: Call,
  { change, done }: { change: Audited; done: Done },
): void {
  const target = done.target ?? change.target?.(call);
  call.node.audit.append(tx, {
    tokenId: call.principal.tokenId,
    action: done.action ?? change.action,
    ...(target === undefined ? {} : { target }),
    outcome: "done",
    detail: done.detail ?? {},
    requestId: call.ctx.state.requestId,
  });
}
