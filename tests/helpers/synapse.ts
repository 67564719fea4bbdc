/** A real homeserver for a test: Synapse on a free port of 127.0.0.1, with a database of its own. */
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { freePort } from "./free_port.ts";
import { withDeadline } from "./node_process.ts";
import { installSynapse } from "./synapse_install.ts";

/** The part of a Matrix id behind the colon. */
export const SERVER_NAME = "matrix.test";
const START_MS = 60_000;
const STOP_MS = 20_000;
const SHARED_SECRET = "the test's own";

/** The password of an account that a test makes. */
export const SYNAPSE_PASSWORD = (name: string): string => `password of ${name}`;

/** Somebody with an account and a session. */
export interface MatrixUser {
  readonly user_id: string;
  readonly access_token: string;
  readonly device_id: string;
}

export interface SynapseOptions {
  /** "none": as fast as it goes; "default": what Synapse limits unless it is told otherwise. */
  readonly limits?: "none" | "default";
  /** Addresses of this machine at which it is reached besides 127.0.0.1. */
  readonly addresses?: readonly string[];
  /** Further settings of Synapse. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A homeserver that runs. */
export interface Synapse {
  readonly url: string;
  readonly sharedSecret: string;
  readonly pid: number;
  /** Makes an account by the shared secret and signs it in. */
  register(name: string, options?: { admin?: boolean }): Promise<MatrixUser>;
  /** Makes a registration token. @param admin who may */
  newToken(admin: MatrixUser): Promise<{ token: string }>;
  /** Calls the client-server API. @throws {Error} unless the answer is 2xx */
  call(user: MatrixUser, request: MatrixRequest): Promise<Record<string, unknown>>;
  /** Ends the process and waits; its database stays. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Directory of its database, for a test that puts an older one back. */
  readonly dir: string;
}

export interface MatrixRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  /** Behind `/_matrix/client/v3`. */
  readonly path: string;
  readonly body?: object;
}

/**
 * Runs `use` with a homeserver that is gone afterwards. Without Python it says in one line what was
 * not run; where CI=true that is a failure.
 */
export async function withSynapse(
  use: (synapse: Synapse) => Promise<void>,
  options: SynapseOptions = {},
): Promise<void> {
  const installed = await installSynapse();
  if ("missing" in installed) {
    const told = `not run, as there is no homeserver to test with: ${installed.missing}`;
    if (Deno.env.get("CI") === "true") throw new Error(told);
    return void Deno.stderr.writeSync(new TextEncoder().encode(`${told}\n`));
  }
  const dir = await Deno.makeTempDir({ prefix: "cis-synapse-" });
  try {
    const synapse = await openSynapse(installed.python, { dir, options });
    try {
      await use(synapse);
    } finally {
      await synapse.stop("SIGKILL");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function openSynapse(
  python: string,
  { dir, options }: { dir: string; options: SynapseOptions },
): Promise<Synapse> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(dir, "homeserver.json");
  const seed = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  await Deno.writeTextFile(join(dir, "signing.key"), `ed25519 a_1 ${seed.replaceAll("=", "")}\n`);
  await Deno.writeTextFile(config, JSON.stringify(settingsOf({ dir, port }, options)));
  let child: Deno.ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = new Deno.Command(python, {
      args: ["-m", "synapse.app.homeserver", "--config-path", config],
      cwd: dir,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await untilUp(url, { child, log: join(dir, "homeserver.log") });
  };
  await start();
  return {
    url,
    dir,
    sharedSecret: SHARED_SECRET,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    async stop(signal = "SIGTERM"): Promise<void> {
      const ending = child;
      child = undefined;
      if (ending === undefined) return;
      ending.kill(signal);
      await withDeadline(ending.status, { ms: STOP_MS, what: () => "Synapse did not end" });
    },
    register: (name, { admin = false } = {}) => register(url, { name, admin }),
    newToken: async (admin) =>
      await call(url, {
        api: "/_synapse/admin/v1/registration_tokens/new",
        method: "POST",
        body: {},
        token: admin.access_token,
      }) as { token: string },
    call: (user, request) => call(url, { token: user.access_token, ...request }),
  };
}

function settingsOf(
  { dir, port }: { dir: string; port: number },
  { limits = "none", addresses = [], settings }: SynapseOptions,
): object {
  const log = join(dir, "log.json");
  Deno.writeTextFileSync(log, JSON.stringify(logSettings(join(dir, "homeserver.log"))));
  return {
    server_name: SERVER_NAME,
    listeners: [{
      port,
      bind_addresses: ["127.0.0.1", ...addresses],
      type: "http",
      resources: [{ names: ["client"], compress: false }],
    }],
    database: { name: "sqlite3", args: { database: join(dir, "homeserver.db") } },
    log_config: log,
    media_store_path: join(dir, "media"),
    signing_key_path: join(dir, "signing.key"),
    registration_shared_secret: SHARED_SECRET,
    macaroon_secret_key: "the test's macaroons",
    form_secret: "the test's forms",
    report_stats: false,
    trusted_key_servers: [],
    federation_domain_whitelist: [],
    pid_file: join(dir, "homeserver.pid"),
    bcrypt_rounds: 4,
    ...(limits === "none" ? NO_LIMITS : {}),
    ...settings,
  };
}

const FREE = { per_second: 100_000, burst_count: 100_000 };
const NO_LIMITS = {
  rc_message: FREE,
  rc_registration: FREE,
  rc_registration_token_validity: FREE,
  rc_login: { address: FREE, account: FREE, failed_attempts: FREE },
  rc_admin_redaction: FREE,
  rc_joins: { local: FREE, remote: FREE },
  rc_joins_per_room: FREE,
  rc_invites: { per_room: FREE, per_user: FREE, per_issuer: FREE },
  rc_media_create: FREE,
};

function logSettings(filename: string): object {
  return {
    version: 1,
    handlers: { file: { class: "logging.FileHandler", filename } },
    root: { level: "WARNING", handlers: ["file"] },
    disable_existing_loggers: false,
  };
}

async function untilUp(
  url: string,
  { child, log }: { child: Deno.ChildProcess; log: string },
): Promise<void> {
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  const end = Date.now() + START_MS;
  while (Date.now() < end && !hasEnded) {
    try {
      const answer = await fetch(`${url}/_matrix/client/versions`);
      await answer.body?.cancel();
      if (answer.ok) return;
    } catch {
      // It doesn't listen yet; nothing else tells when it does.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = await Deno.readTextFile(log).catch(() => "nothing");
  throw new Error(`Synapse did not start; it wrote: ${said.slice(-2_000)}`);
}

async function register(
  url: string,
  { name, admin }: { name: string; admin: boolean },
): Promise<MatrixUser> {
  const path = "/_synapse/admin/v1/register";
  const { nonce } = await call(url, { api: path }) as { nonce: string };
  const mac = createHmac("sha1", SHARED_SECRET)
    .update([nonce, name, SYNAPSE_PASSWORD(name), admin ? "admin" : "notadmin"].join("\0"))
    .digest("hex");
  const body = { nonce, username: name, password: SYNAPSE_PASSWORD(name), admin, mac };
  return await call(url, { api: path, method: "POST", body }) as unknown as MatrixUser;
}

async function call(
  url: string,
  { path = "", api = `/_matrix/client/v3${path}`, method = "GET", body, token }:
    & Partial<MatrixRequest>
    & { readonly api?: string; readonly token?: string },
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}${api}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${api} was answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
