/**
 * A worker that does what a test tells it, in a room on a real homeserver.
 */
import type { Node } from "../../lib/node.ts";
import type { RoomAccess, WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import type { TaskDispatch } from "../../lib/schema/room_events.ts";
import { parseScopeText, scopeKey, workerId } from "../../lib/schema/scope.ts";
import { eventually } from "./eventually.ts";
import { PretendedWorker, refOf } from "./pretended_worker.ts";

interface RoomEvent {
  readonly event_id: string;
  readonly sender: string;
  readonly type: string;
  readonly content: Record<string, unknown>;
}

/** Connects a worker for a scope whose room is on the homeserver. Dispose of it at the end. */
export async function fakeRoomWorker(node: Node, scopeText: string): Promise<FakeRoomWorker> {
  const scope = parseScopeText(scopeText);
  if (scope === undefined) throw new Error(`"${scopeText}" is not a scope`);
  node.transport.place(workerId(scope), scope);
  await node.transport.homeserver?.prepare(workerId(scope), scopeKey(scope));
  const worker = new FakeRoomWorker(node, node.supervisor.admit({ scope }).bootstrap);
  await worker.connect();
  return worker;
}

export class FakeRoomWorker extends PretendedWorker implements AsyncDisposable {
  readonly bootstrap: WorkerBootstrap;
  readonly access: RoomAccess;
  /** Every event of the room that came, its own as well, in order. */
  readonly events: RoomEvent[] = [];
  /** What was sent to its account. */
  readonly direct: Omit<RoomEvent, "event_id">[] = [];
  /** Types that the homeserver itself didn't take from it. */
  readonly refused: string[] = [];
  #node: Node;
  #since: string | undefined;
  #following: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #txn = 0;
  /** What is being sent, in order. */
  #sending: Promise<unknown> = Promise.resolve();

  constructor(node: Node, bootstrap: WorkerBootstrap) {
    super();
    if (bootstrap.homeserver === undefined) throw new Error("its room is not on a homeserver");
    this.#node = node;
    this.bootstrap = bootstrap;
    this.access = bootstrap.homeserver;
  }

  get id(): string {
    return this.bootstrap.worker_id;
  }

  /** Another life of the node that it works for. */
  set node(node: Node) {
    this.#node = node;
  }

  /** Follows its room and says that it is ready, holding what it is said to hold. */
  async connect(): Promise<void> {
    await this.api("POST", `/join/${encodeURIComponent(this.access.room)}`, {});
    this.#since ??= await this.#sync("");
    this.#follow();
    this.ready();
    await this.settled();
  }

  /** Says that it is ready, no more. */
  ready(): void {
    this.send("io.cis.worker.ready", {
      worker_id: this.id,
      instance: this.bootstrap.instance,
      pid: this.pid,
      active: [...this.held.values()],
    });
  }

  /** Looks into its room no more; the process stays. */
  async disconnect(): Promise<void> {
    await this.#sending;
    this.#following?.stop.abort();
    await this.#following?.ended;
    this.#following = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    await this.killProcess();
  }

  /** Sends an event. @returns its number */
  override send(type: string, content: object, txn: number = ++this.#txn): number {
    const said = { v: 1, instance: this.bootstrap.instance, ...content };
    const path = `/rooms/${encodeURIComponent(this.access.room)}/send/${encodeURIComponent(type)}`;
    this.#sending = this.#sending.then(() => this.api("PUT", `${path}/w${txn}`, said))
      .catch((error) => {
        if (!String(error).includes("M_FORBIDDEN")) throw error;
        this.refused.push(type);
      });
    return txn;
  }

  /** Waits until the homeserver has all that was sent so far. */
  async sent(): Promise<void> {
    await this.#sending;
  }

  /** Waits until the node has dealt with all that was sent so far: it does so in order. */
  override async settled(_txn?: number): Promise<void> {
    await this.#sending;
    const path = `/rooms/${encodeURIComponent(this.access.room)}/send/io.cis.task.result`;
    const content = { v: 1, instance: this.bootstrap.instance, results: [] };
    const { event_id } = await this.api("PUT", `${path}/m${++this.#txn}`, content);
    await eventually(
      () => this.#node.db.get("SELECT 1 FROM room_events WHERE txn = ?", String(event_id)),
      `${this.id}, waiting for the node`,
    );
  }

  /** The next task that the node has handed over. */
  override async take(): Promise<TaskDispatch> {
    const task = await eventually(() => this.tasks.shift(), `${this.id}, waiting for a task`);
    this.held.set(task.lease, refOf(task));
    return task;
  }

  /** Settles when all has arrived that the node has sent so far. */
  override async sync(): Promise<void> {
    await this.settled();
    await eventually(
      () => this.#node.db.get("SELECT 1 FROM matrix_outbox LIMIT 1") === undefined,
      "the outbox",
    );
    const type = "io.cis.task.result";
    const path = `/rooms/${encodeURIComponent(this.access.room)}/send/${type}/m${++this.#txn}`;
    const content = { v: 1, instance: this.bootstrap.instance, results: [] };
    const { event_id } = await this.api("PUT", path, content);
    await eventually(
      () => this.events.some((event) => event.event_id === event_id),
      `${this.id}, waiting for its own event`,
    );
  }

  /** Calls the client-server API as the worker. @throws {Error} unless the answer is 2xx */
  async api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    return await callApi(this.access, { method, path, ...(body === undefined ? {} : { body }) });
  }

  #follow(): void {
    if (this.#following !== undefined) return;
    const stop = new AbortController();
    const ended = (async () => {
      while (!stop.signal.aborted) {
        try {
          this.#since = await this.#sync(this.#since ?? "", stop.signal);
        } catch (error) {
          if (!stop.signal.aborted) throw error;
        }
      }
    })();
    this.#following = { stop, ended };
  }

  async #sync(since: string, signal?: AbortSignal): Promise<string> {
    const query = since === "" ? "timeout=0" : `timeout=10000&since=${since}`;
    const filter = JSON.stringify({ room: { timeline: { limit: 1000 } } });
    const answer = await callApi(this.access, {
      method: "GET",
      path: `/sync?${query}&filter=${encodeURIComponent(filter)}`,
      ...(signal === undefined ? {} : { signal }),
    }) as {
      next_batch: string;
      rooms?: { join?: Record<string, { timeline: { events: RoomEvent[] } }> };
      to_device?: { events: Omit<RoomEvent, "event_id">[] };
    };
    if (since === "") return answer.next_batch;
    this.direct.push(...answer.to_device?.events ?? []);
    for (const event of answer.rooms?.join?.[this.access.room]?.timeline.events ?? []) {
      this.events.push(event);
      if (event.sender === this.access.node) await this.#receive(event);
    }
    return answer.next_batch;
  }

  async #receive({ type, content }: RoomEvent): Promise<void> {
    this.receive(type, "linked" in content ? await this.#linked(content.linked) : content);
  }

  async #linked(linked: unknown): Promise<unknown> {
    const { url } = linked as { url: string };
    const path = `/_matrix/client/v1/media/download/${url.slice("mxc://".length)}`;
    return await callApi(this.access, { method: "GET", api: path });
  }
}

async function callApi(
  { homeserver, access_token }: RoomAccess,
  { method, path = "", api = `/_matrix/client/v3${path}`, body, signal }: {
    readonly method: string;
    readonly path?: string;
    readonly api?: string;
    readonly body?: object;
    readonly signal?: AbortSignal;
  },
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${homeserver}${api}`, {
    method,
    headers: { authorization: `Bearer ${access_token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${api} was answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
