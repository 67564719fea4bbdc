/** What a command works with. Everything that touches the world is in here, so tests hand in theirs. */
import type { z } from "zod";
import type { Client } from "../api/client.ts";
import type { RemoteWorkerWish } from "../remote_worker.ts";
import type { WorkerStartAnswer } from "../schema/api.ts";
import type { Output } from "./output.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
}

/** A process that a command started. */
export interface ChildProcess {
  readonly pid: number;
  readonly status: Promise<ProcessEnd>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** A node that lives as long as the demo. */
export interface DemoNode {
  readonly url: string;
  /** Where its owner's token is. */
  readonly tokenFile: string;
  /** What it says with a link in it, such as where to sign in. */
  readonly links: readonly string[];
  readonly ended: Promise<ProcessEnd>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** A node on this machine, as far as a homeserver is concerned. */
export interface MatrixSettings {
  readonly dataDir: string;
  readonly nodeId: string;
  readonly homeserver: string | undefined;
}

/** The world around a command. */
export interface CliContext {
  readonly client: Client;
  readonly out: Output;
  /** Whether a person sits there who can be asked. */
  readonly canAsk: boolean;
  /** Flags that a suggested command needs to reach the same node, with a blank before. */
  readonly nodeFlags: string;
  /** Asks a question and waits for one line; null when there is none. */
  ask(question: string): Promise<string | null>;
  /** The text of a file, or of stdin for `-`. @throws {UsageError} when it can't be read */
  readText(file: string): Promise<string>;
  fileExists(file: string): boolean;
  /** Moves a file of this machine. @returns false when it isn't here, or isn't this user's */
  moveFile(from: string, to: string): boolean;
  /** A value that nobody is to see: typed without echo, or all of stdin; null when there is none. */
  readSecret(question: string): Promise<string | null>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `handler` on Ctrl-C and SIGTERM, instead of ending. @returns how to stop that */
  onInterrupt(handler: () => void): () => void;
  spawnWorker(place: z.infer<typeof WorkerStartAnswer>): ChildProcess;
  startDemoNode(): Promise<DemoNode>;
  /** Finds out how the worker of another machine's node is started. @throws {HomeserverError} */
  remoteWorker(wish: RemoteWorkerWish): Promise<z.infer<typeof WorkerStartAnswer>>;
  /** What the settings of this machine's node say about homeservers. @throws {ConfigError} */
  matrixSettings(): MatrixSettings;
  /** The same world, asking another node. */
  at(node: { readonly url: string; readonly tokenFile: string }): CliContext;
}

/** A command: does its work and says with which code to exit. */
export type CommandAction<Args extends unknown[]> = (
  context: CliContext,
  ...args: Args
) => Promise<number>;

/** Turns a command into what commander calls. */
export type Bind = <Args extends unknown[]>(
  action: CommandAction<Args>,
) => (...args: Args) => Promise<void>;
