/** A machine for the CLI without terminal, files, network or processes. */
import assert from "node:assert/strict";
import type { ChildProcess, DemoNode, ProcessEnd } from "../../lib/cli/context.ts";
import { type CliSystem, runCli } from "../../lib/cli/program.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { type Answer, problem, type SentRequest } from "../api/fake_fetch.ts";

/** The moment at which all of these tests take place. */
export const NOW = Date.parse("2026-03-01T12:00:00.000Z");
/** Where the node of these tests is. */
export const NODE_URL = "http://127.0.0.1:6767";

/** A node: what it answers to `METHOD /path`, the query being no part of the key. */
export type Routes = Record<string, Answer | Answer[]>;

/** How the machine is made. */
export interface FakeOptions {
  readonly routes?: Routes;
  readonly files?: Record<string, string>;
  /** What the person says, question by question; absent: nobody is there. */
  readonly answers?: string[];
  /** What is typed unseen, or piped in. */
  readonly secret?: string;
  readonly color?: boolean;
  readonly env?: { url?: string; token?: string };
  readonly spawnWorker?: CliSystem["spawnWorker"];
  readonly startDemoNode?: () => Promise<DemoNode>;
}

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly questions: string[];
  readonly sent: SentRequest[];
}

/** A machine and what happened to it. */
export interface FakeSystem {
  readonly system: CliSystem;
  /** Everything that was written so far, in order. */
  text(): string;
  /** Waits until this was written. */
  written(pattern: RegExp): Promise<void>;
  interrupt(): void;
  run(...argv: string[]): Promise<Outcome>;
}

/** Runs one command on a machine made for it. */
export function runFake(argv: string[], options: FakeOptions = {}): Promise<Outcome> {
  return fakeSystem(options).run(...argv);
}

/** Makes a machine. */
export function fakeSystem(options: FakeOptions = {}): FakeSystem {
  const { files = {}, answers } = options;
  const written = writtenText();
  const questions: string[] = [];
  const node = fakeNode(options.routes ?? {});
  let handlers: (() => void)[] = [];
  const system: CliSystem = {
    writeOut: (text) => written.add("out", text),
    writeError: (text) => written.add("err", text),
    color: options.color ?? false,
    canAsk: answers !== undefined,
    fetch: node.fetch,
    nodeSettings: () => ({ ...options.env, dataDir: "/data", localUrl: NODE_URL }),
    readTextFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound(`no ${path}`);
      return text;
    },
    readText: (file) => {
      const text = files[file];
      return text === undefined
        ? Promise.reject(new UsageError(`There is no file ${file}`))
        : Promise.resolve(text);
    },
    fileExists: (file) => files[file] !== undefined,
    moveFile: (from, to) => {
      const text = files[from];
      if (text === undefined) return false;
      files[to] = text;
      delete files[from];
      return true;
    },
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(answers?.shift() ?? null);
    },
    readSecret: () => Promise.resolve(options.secret ?? null),
    now: () => NOW,
    onInterrupt: (handler) => {
      handlers.push(handler);
      return () => {
        handlers = handlers.filter((other) => other !== handler);
      };
    },
    spawnWorker: options.spawnWorker ?? (() => assert.fail("no worker was to be spawned")),
    startDemoNode: options.startDemoNode ?? (() => assert.fail("no node was to be started")),
    remoteWorker: () => assert.fail("no worker was to be started elsewhere"),
    matrixSettings: () => ({ dataDir: "/data", nodeId: "node1", homeserver: undefined }),
  };
  return {
    system,
    text: () => written.all(),
    written: written.wait,
    interrupt: () => handlers.forEach((handler) => handler()),
    run: async (...argv) => {
      const code = await runCli(argv, system);
      assert.equal(handlers.length, 0, "a handler of Ctrl-C was left behind");
      return { code, out: written.of("out"), err: written.of("err"), questions, sent: node.sent };
    },
  };
}

interface WrittenText {
  add(stream: "out" | "err", text: string): void;
  of(stream: "out" | "err"): string;
  all(): string;
  wait(pattern: RegExp): Promise<void>;
}

function writtenText(): WrittenText {
  const parts: { stream: "out" | "err"; text: string }[] = [];
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  const all = (): string => parts.map(({ text }) => text).join("");
  return {
    all,
    add: (stream, text) => {
      parts.push({ stream, text });
      for (const { pattern, resolve } of waiting) if (pattern.test(all())) resolve();
    },
    of: (stream) => parts.filter((part) => part.stream === stream).map(({ text }) => text).join(""),
    wait: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const missing = (): void => reject(new Error(`${pattern} was not written but:\n${all()}`));
      const timer = setTimeout(missing, 5_000);
      waiting.push({ pattern, resolve });
      if (pattern.test(all())) resolve();
      return promise.finally(() => clearTimeout(timer));
    },
  };
}

function fakeNode(routes: Routes): { fetch: typeof globalThis.fetch; sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const method = init.method ?? "GET";
    const request: SentRequest = {
      method,
      url: url.href,
      path: url.pathname + url.search,
      headers: new Headers(init.headers),
      body: init.body ? new TextDecoder().decode(init.body as Uint8Array) : "",
      signal: init.signal ?? null,
    };
    sent.push(request);
    const route = routes[`${method} ${url.pathname}`];
    const answer = Array.isArray(route) && route.length > 1
      ? route.shift()
      : Array.isArray(route)
      ? route[0]
      : route;
    if (answer === undefined) return problem(404, "not_found");
    return typeof answer === "function" ? await answer(request) : answer.clone();
  };
  return { fetch, sent };
}

/** A process that ends when the test says so; `kills` are the signals it got. */
export function fakeProcess(): ChildProcess & {
  readonly kills: string[];
  end(end: ProcessEnd): void;
} {
  const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
  const kills: string[] = [];
  return {
    pid: 4711,
    status: promise,
    kills,
    kill: (signal) => kills.push(signal),
    end: resolve,
  };
}
