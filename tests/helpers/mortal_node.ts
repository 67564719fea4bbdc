/** A node that dies again and again, and who asks it something until there is an answer. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConfigFile } from "../../lib/config.ts";
import { within } from "./deadline.ts";

const ENTRY = fileURLToPath(new URL("./crashing_node.ts", import.meta.url));

/** For a start and all that leads to a crash point, on a machine that is busy. */
const PATIENCE_MS = 60_000;

/** A request; with a key it is done once, however often it is sent. */
export interface Ask {
  readonly path: string;
  /** Absent: the request is a GET. */
  readonly body?: object;
  readonly key?: string;
}

/** One life: settles with its address, or with nothing where it dies before it has one. */
interface Life {
  readonly url: Promise<string | undefined>;
  readonly ended: Promise<Deno.CommandStatus>;
  readonly output: () => string;
  readonly child: Deno.ChildProcess;
}

export class MortalNode {
  readonly dataDir: string;
  readonly #config: Partial<ConfigFile>;
  #life: Life | undefined;
  #born = Promise.withResolvers<void>();

  constructor(dataDir: string, config: Partial<ConfigFile> = {}) {
    this.dataDir = dataDir;
    this.#config = config;
  }

  /** Starts it anew. @param dies at which point of crash_point.ts, and the how manieth time */
  async start(dies?: { readonly at: string; readonly nth?: number }): Promise<void> {
    const settings = join(this.dataDir, "settings");
    await Deno.mkdir(settings, { recursive: true });
    const config = join(settings, "test.config.json");
    await Deno.writeTextFile(config, JSON.stringify({ node_id: "node1", ...this.#config }));
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", ENTRY, "--port", "0"],
        ...["--data-dir", this.dataDir, "--config", config],
      ],
      env: dies === undefined ? {} : { CRASH_AT: dies.at, CRASH_NTH: String(dies.nth ?? 1) },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#life = follow(child);
    this.#born.resolve();
    this.#born = Promise.withResolvers();
  }

  /** Waits until it has killed itself. */
  async died(): Promise<void> {
    const life = this.#now();
    const status = await within(life.ended, "the node's death at its crash point", PATIENCE_MS)
      .catch((cause) => {
        throw new Error(`it lives on:\n${life.output()}`, { cause });
      });
    assert.equal(status.signal, "SIGKILL", `it ended by itself:\n${life.output()}`);
  }

  /** Where it listens. @throws {Error} when it has ended */
  async url(): Promise<string> {
    const life = this.#now();
    const url = await life.url;
    if (url === undefined) throw new Error(`the node ended at its start:\n${life.output()}`);
    return url;
  }

  /** Asks until there is an answer, in whichever life. */
  async ask<T>(ask: Ask): Promise<T> {
    for (;;) {
      const [life, born] = [this.#now(), this.#born.promise];
      const url = await life.url;
      const answer = url === undefined ? undefined : await this.#send(url, ask);
      if (answer !== undefined) return answer as T;
      await within(life.ended, "the end of a node that doesn't answer", PATIENCE_MS);
      if (this.#life === life) await within(born, "the node's next life", PATIENCE_MS);
    }
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    try {
      this.#life?.child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#life?.ended;
  }

  /** @returns nothing where the node died before it answered */
  async #send(url: string, { path, body, key }: Ask): Promise<unknown> {
    const token = (await Deno.readTextFile(join(this.dataDir, "owner.token"))).trim();
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch {
      // The connection broke, since the node has died.
      return undefined;
    }
    assert.ok(response.ok, `${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  #now(): Life {
    assert.ok(this.#life, "the node was never started");
    return this.#life;
  }
}

function follow(child: Deno.ChildProcess): Life {
  const url = Promise.withResolvers<string | undefined>();
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      const match = /^ready on (\S+)$/m.exec(output);
      if (match !== null) url.resolve(match[1]);
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const ended = child.status.then(async (status) => {
    await collected;
    url.resolve(undefined);
    return status;
  });
  return { url: url.promise, ended, output: () => output, child };
}
