/**
 * What goes from the node's account to workers' accounts and is kept in no room
 * (docs/decisions/0041-signs-of-life-beside-the-room.md).
 */
import { CLIENT_API, HomeserverError, part } from "./homeserver_request.ts";
import type { Session } from "./homeserver_session.ts";
import { sealSecrets } from "./sealed_secrets.ts";

export class DirectMessages {
  readonly #session: () => Promise<Session>;
  readonly #nodeId: string;
  /** Another one tells workers to say what they hold. */
  #life = crypto.randomUUID();
  #count = 0;

  constructor(nodeId: string, session: () => Promise<Session>) {
    this.#nodeId = nodeId;
    this.#session = session;
  }

  /** Has all workers say what they hold when they next hear that their node is there. */
  beginAnew(): void {
    this.#life = crypto.randomUUID();
  }

  /**
   * Tells workers that their node is there, in which life, and how much of what they said it has dealt
   * with.
   * @param users each with the last event of theirs that was dealt with
   * @returns whether it got through
   */
  async sayAlive(users: readonly (readonly [string, string | undefined])[]): Promise<boolean> {
    if (users.length === 0) return true;
    const common = { v: 1, node_id: this.#nodeId, life: this.#life };
    const contents = users.map(([user, heard]) =>
      [user, heard === undefined ? common : { ...common, heard }] as const
    );
    return await this.#send("io.cis.node.alive", contents);
  }

  /** Has a worker that isn't known say who it is. */
  async askWho(user: string): Promise<void> {
    const content = { v: 1, node_id: this.#nodeId, life: crypto.randomUUID() };
    await this.#send("io.cis.node.alive", [[user, content]]);
  }

  /**
   * Sends a worker the secrets that its tasks may declare, sealed with its key: the first time when it
   * has said that it is ready, so it learns from them which life of its node has heard it.
   */
  async sendSecrets(
    { user_id, key }: { readonly user_id: string; readonly key: string },
    secrets: Readonly<Record<string, string>>,
  ): Promise<void> {
    const content = { v: 1, life: this.#life, sealed: await sealSecrets(secrets, key) };
    await this.#send("io.cis.secrets", [[user_id, content]]);
  }

  /** What doesn't get through is said again another time. */
  async #send(type: string, contents: readonly (readonly [string, object])[]): Promise<boolean> {
    const messages = Object.fromEntries(
      contents.map(([user, content]) => [user, { "*": content }]),
    );
    const txn = `${this.#life}-${this.#count++}`;
    const path = `${CLIENT_API}/sendToDevice/${part(type)}/${part(txn)}`;
    try {
      const { requestNow } = await this.#session();
      await requestNow({ method: "PUT", path, body: { messages } });
      return true;
    } catch (error) {
      // The sync finds out as well, and tells.
      if (!(error instanceof HomeserverError)) throw error;
      return false;
    }
  }
}
