/** The request of an `http` task with the secrets that it declares in their places. */
import type { TaskWork } from "../../schema/room_events.ts";
import {
  fillText,
  mapTexts,
  placeholdersIn,
  placeholdersOf,
} from "../../schema/secret_placeholder.ts";
import type { Attempt } from "./attempt.ts";
import { declaredSecrets } from "./declared_secrets.ts";

type HttpRequest = Extract<TaskWork, { type: "http" }>["request"];

/** A request that can be sent, and what of it is for its own host only. */
export interface FilledRequest {
  readonly request: HttpRequest;
  /** Names of headers with a secret in them, in lower case. */
  readonly secretHeaders: readonly string[];
  readonly isBodySecret: boolean;
}

/** @throws {TaskError} `unknown_secret` */
export function fillSecrets(attempt: Attempt, request: HttpRequest): FilledRequest {
  const values = declaredSecrets(attempt);
  const isSecret = (name: string): boolean => Object.hasOwn(values, name);
  const { headers, body, ...rest } = request;
  const secretHeaders = Object.keys(headers).filter((name) =>
    placeholdersIn(headers[name] ?? "").some(isSecret)
  );
  const fill = (text: string): string => fillText(text, values);
  const filled = body === undefined ? {} : { body: mapTexts(body, fill) };
  return {
    request: { ...rest, headers: mapTexts(headers, fill), ...filled },
    secretHeaders: secretHeaders.map((name) => name.toLowerCase()),
    isBodySecret: [...placeholdersOf({ headers: {}, body })].some(isSecret),
  };
}
