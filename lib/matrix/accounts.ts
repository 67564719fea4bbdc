/** Accounts on a homeserver: made where that is allowed, signed in to where they are there already. */
import { createHmac } from "node:crypto";
import type { Registration } from "./credentials.ts";
import { CLIENT_API, HomeserverError, type HomeserverRequest } from "./homeserver_request.ts";

/** Who is to have an account. */
export interface AccountWish {
  /** The part between `@` and `:`, as a homeserver takes it. */
  readonly name: string;
  readonly password: string;
  /** What its session is called in lists of devices. */
  readonly device: string;
}

/** An account and its session. */
export interface Session {
  readonly user_id: string;
  readonly device_id: string;
  readonly access_token: string;
}

/**
 * Makes an account, or signs in to it when it is there.
 * @param request without a token
 * @throws {HomeserverError}
 */
export async function openAccount(
  request: HomeserverRequest,
  wish: AccountWish,
  registration: Registration,
): Promise<Session> {
  try {
    return registration.by === "shared_secret"
      ? await registerBySecret(request, wish, registration.secret)
      : await register(request, wish, registration);
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.code !== "M_USER_IN_USE") throw error;
    return await signIn(request, wish);
  }
}

/** Signs in with a password. @throws {HomeserverError} */
export async function signIn(
  request: HomeserverRequest,
  { name, password, device }: AccountWish,
): Promise<Session> {
  return sessionOf(
    await request({
      method: "POST",
      path: `${CLIENT_API}/login`,
      body: {
        type: "m.login.password",
        identifier: { type: "m.id.user", user: name },
        password,
        initial_device_display_name: device,
      },
    }),
  );
}

/** Synapse's own way, for who knows its secret. */
async function registerBySecret(
  request: HomeserverRequest,
  { name, password }: AccountWish,
  secret: string,
): Promise<Session> {
  const path = "/_synapse/admin/v1/register";
  const { nonce } = await request({ method: "GET", path });
  const mac = createHmac("sha1", secret)
    .update([String(nonce), name, password, "notadmin"].join("\0")).digest("hex");
  const body = { nonce, username: name, password, admin: false, mac };
  return sessionOf(await request({ method: "POST", path, body }));
}

/**
 * As the specification has it: an answer of 401 names the session and asks for a stage, until there
 * are none left.
 */
async function register(
  request: HomeserverRequest,
  { name, password, device }: AccountWish,
  registration: Exclude<Registration, { by: "shared_secret" }>,
): Promise<Session> {
  const body = { username: name, password, initial_device_display_name: device };
  const dummy = { type: "m.login.dummy" };
  const stages = registration.by === "token"
    ? [{ type: "m.login.registration_token", token: registration.token }, dummy]
    : [dummy];
  let auth: object | undefined;
  for (;;) {
    try {
      return sessionOf(
        await request({
          method: "POST",
          path: `${CLIENT_API}/register`,
          body: auth === undefined ? body : { ...body, auth },
        }),
      );
    } catch (error) {
      const stage = stages.shift();
      // With a code it is a no to what was said, as to a token that isn't one.
      const isAsking = error instanceof HomeserverError && error.status === 401 &&
        error.code === "";
      if (!isAsking || stage === undefined) throw error;
      auth = { ...stage, session: error.session };
    }
  }
}

function sessionOf(answer: Readonly<Record<string, unknown>>): Session {
  const { user_id, device_id, access_token } = answer;
  if (typeof user_id !== "string" || typeof access_token !== "string") {
    throw new HomeserverError("the homeserver made no session; does it allow passwords?");
  }
  return { user_id, device_id: String(device_id ?? ""), access_token };
}

/**
 * A name as a homeserver takes it: lower case, with `_` before what was a capital letter, as the
 * specification advises.
 */
export function accountName(text: string): string {
  return text.replace(/[A-Z_]/g, (letter) => `_${letter.toLowerCase()}`);
}
