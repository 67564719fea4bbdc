/** The part of the typed client that is about secrets: {@linkcode Client.secrets}. */
import type { SecretList, SecretView } from "../schema/secret.ts";
import { type CallOptions, path, type Requester, type Result } from "./client_request.ts";

export class SecretClient {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Which secrets there are, without their values. */
  list(options?: CallOptions): Promise<Result<SecretList>> {
    return this.#requester.json("/api/v1/secrets", options);
  }

  /** Sets a secret: for one scope, or without one for every scope. */
  set(
    name: string,
    body: { value: string; scope?: string },
    options?: CallOptions,
  ): Promise<Result<SecretView>> {
    return this.#requester.json(path`/api/v1/secrets/${name}`, {
      ...options,
      method: "PUT",
      body: JSON.stringify(body),
      contentType: "application/json",
    });
  }

  /** Removes a secret: that of one scope, or without one that of every scope. */
  remove(
    name: string,
    { scope, ...options }: CallOptions & { scope?: string } = {},
  ): Promise<Result<SecretView>> {
    return this.#requester.json(path`/api/v1/secrets/${name}`, {
      ...options,
      method: "DELETE",
      query: { scope },
    });
  }
}
