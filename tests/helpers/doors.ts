/** The doors through which a person decides: the API, the form of the page, the command line. */
import { type CliSystem, runCli } from "../../lib/cli/program.ts";
import type { ProblemDocument } from "../../lib/schema/api.ts";
import type { TestNode } from "./test_node.ts";

/** What is asked at a door. The hash is what the person has seen. */
export interface Ask {
  readonly what: "confirm" | "reject";
  readonly dagId: string;
  readonly specHash: string;
  readonly token: string;
}

/** What came of it: "done", or the code of the refusal. */
export interface DoorAnswer {
  readonly code: string;
  readonly text: string;
}

export interface Door {
  readonly name: string;
  /** Gets ready while the token is still good: a browser signs in. @returns how to ask then */
  open(test: TestNode, token: string): Promise<(ask: Ask) => Promise<DoorAnswer>>;
}

const REASON = "not like this";

export const API_DOOR: Door = {
  name: "API",
  open: (test) =>
    Promise.resolve(async ({ what, dagId, specHash, token }) => {
      const response = await test.fetch(`/api/v1/dag/${dagId}/${what}`, {
        method: "POST",
        token,
        body: { spec_hash: specHash, ...(what === "reject" ? { reason: REASON } : {}) },
      });
      const text = await response.text();
      return { code: response.ok ? "done" : codeOf(text), text };
    }),
};

/** Where the pages seem to be. */
export const ORIGIN = "http://127.0.0.1:6767";

export const PAGE_DOOR: Door = {
  name: "page",
  open: async (test, token) => {
    const signIn = await test.fetch("/sign-in", {
      method: "POST",
      token: null,
      ...form(),
      body: new URLSearchParams({ token }).toString(),
    });
    const cookie = (signIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    await signIn.body?.cancel();
    return async ({ what, dagId, specHash }) => {
      const response = await test.fetch(`/pending/${dagId}/${what}`, {
        method: "POST",
        token: null,
        ...form(cookie),
        body: new URLSearchParams({ spec_hash: specHash, reason: REASON }).toString(),
      });
      const text = await response.text();
      if (response.status !== 303) return { code: shownCode(text), text };
      // Whoever isn't signed in any more is sent to where that is done.
      const to = response.headers.get("location") ?? "";
      return { code: to.startsWith("/sign-in") ? "unauthenticated" : "done", text: to };
    };
  },
};

function form(cookie = ""): { headers: Record<string, string> } {
  return {
    headers: { cookie, origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
  };
}

function shownCode(html: string): string {
  const [, code] = /data-code="([a-z_]+)"/.exec(html) ?? [];
  if (code === undefined) throw new Error(`the page shows no refusal:\n${html.slice(0, 2000)}`);
  return code;
}

export const CLI_DOOR: Door = {
  name: "CLI",
  open: (test) =>
    Promise.resolve(async ({ what, dagId, specHash, token }) => {
      const extra = what === "reject" ? ["--reason", REASON] : [];
      const { code, out } = await runOn(test, {
        token,
        argv: ["dag", what, dagId, specHash, ...extra, "--json"],
      });
      return { code: code === 0 ? "done" : codeOf(out), text: out };
    }),
};

export const DOORS: readonly Door[] = [API_DOOR, PAGE_DOOR, CLI_DOOR];

/** Runs a command line whose node is the test's. */
export async function runOn(
  test: TestNode,
  { token, argv }: { token: string; argv: readonly string[] },
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const none = (): never => {
    throw new Error("not to be used here");
  };
  const system: CliSystem = {
    writeOut: (text) => void (out += text),
    writeError: (text) => void (err += text),
    color: false,
    canAsk: false,
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input));
      const { body, headers, method } = init ?? {};
      return await test.fetch(pathname + search, {
        ...(method === undefined ? {} : { method }),
        headers: new Headers(headers),
        token: null,
        ...(body === null || body === undefined ? {} : { body }),
      });
    },
    nodeSettings: () => ({ token, dataDir: "/nowhere", localUrl: ORIGIN }),
    readTextFile: none,
    readText: none,
    fileExists: none,
    moveFile: none,
    readSecret: none,
    ask: () => Promise.resolve(null),
    now: () => test.node.db.now(),
    onInterrupt: () => () => {},
    spawnWorker: none,
    startDemoNode: none,
    remoteWorker: none,
    matrixSettings: none,
  };
  return { code: await runCli(argv, system), out, err };
}

function codeOf(text: string): string {
  return (JSON.parse(text) as ProblemDocument).code;
}
