/**
 * The node's session on its homeserver: reads what it signs in with, and says for people what is
 * wrong while it has none. A session that ends is followed by another as soon as there is one.
 */
import { type Credentials, credentialsPath, readCredentials } from "./credentials.ts";
import { CLIENT_API, HomeserverError, type HomeserverRequest } from "./homeserver_request.ts";
import { patientRequest, pause } from "./patient_request.ts";

/** Makes requests as an account. */
export type MakeRequest = (
  account: { readonly homeserver: string; readonly token?: string },
) => HomeserverRequest;

/** A session that works, as far as is known. */
export interface Session {
  readonly credentials: Credentials;
  /** As the node; waits out what passes. */
  readonly request: HomeserverRequest;
  /** As the node; doesn't wait. */
  readonly requestNow: HomeserverRequest;
  /** As another account, or as none; waits out what passes. */
  readonly requestAs: (token: string | undefined) => HomeserverRequest;
}

/** What a session takes. */
export interface SessionOptions {
  readonly dataDir: string;
  /** Address of the homeserver, by the settings. */
  readonly homeserver: string;
  /** Loads what makes requests; the SDK's unless told otherwise, which is large and only needed now. */
  readonly load?: (() => Promise<MakeRequest>) | undefined;
  readonly signal: AbortSignal;
  /** Told why there is none; undefined when there is one again. */
  readonly onTrouble: (reason: string | undefined) => void;
  /** Told each time that the homeserver asks for patience. */
  readonly onLimited: () => void;
}

/** How long until what a person has to mend is looked at again. */
const LOOK_AGAIN_MS = 2_000;

/** Opens a session; waits until there is one. @throws {HomeserverError} when the signal ends it */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { load = loadSdk, signal, onTrouble } = options;
  const make = await load();
  for (;;) {
    try {
      const session = sessionOf(options, make);
      await session.request({ method: "GET", path: `${CLIENT_API}/account/whoami` });
      onTrouble(undefined);
      return session;
    } catch (error) {
      if (signal.aborted) throw error;
      onTrouble(troubleText(error));
      await pause(LOOK_AGAIN_MS, signal);
    }
  }
}

async function loadSdk(): Promise<MakeRequest> {
  return (await import("./sdk_request.ts")).sdkRequest;
}

function sessionOf(options: SessionOptions, make: MakeRequest): Session {
  const { dataDir, homeserver, signal, onTrouble, onLimited } = options;
  const path = credentialsPath(dataDir);
  const credentials = readCredentials(path);
  if (credentials === undefined) {
    throw new Error(
      `the node has no account on ${homeserver} yet; give it one with: deno task matrix setup`,
    );
  }
  if (!isSame(credentials.homeserver, homeserver)) {
    throw new Error(
      `${path} is for ${credentials.homeserver}, but the settings name ${homeserver}; ` +
        "set one of them right, or run: deno task matrix setup",
    );
  }
  const now = make({ homeserver, token: credentials.access_token });
  return {
    credentials,
    request: patientRequest({ request: now, signal, onTrouble, onLimited }),
    requestNow: (call) => now({ signal, ...call }),
    requestAs: (token) =>
      patientRequest({
        request: make({ homeserver, ...(token === undefined ? {} : { token }) }),
        signal,
        onTrouble,
        onLimited,
      }),
  };
}

function isSame(a: string, b: string): boolean {
  return a.replace(/\/+$/, "") === b.replace(/\/+$/, "");
}

/** What is wrong, for people. */
export function troubleText(error: unknown): string {
  if (error instanceof HomeserverError && error.isSignedOut) {
    return "the homeserver doesn't accept the node's session any more; sign it in again with: " +
      "deno task matrix setup";
  }
  return error instanceof Error ? error.message : String(error);
}
