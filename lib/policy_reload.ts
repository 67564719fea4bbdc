/**
 * Reads the settings file again while the node runs. Only `policy` can change then; what else differs
 * is named. A file with problems changes nothing, and all of them are told.
 */
import {
  ConfigError,
  type ConfigFile,
  type ConfigProblem,
  parseConfig,
  readConfigFile,
} from "./config_file.ts";
import type { ConfigSource } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { EventLog } from "./scheduler/event_log.ts";
import { type Scope, scopeKey } from "./schema/scope.ts";
import type { ScopePolicies } from "./worker/scope_policies.ts";

/** What reloading takes. */
export interface PolicyReloadParts {
  readonly db: Database;
  readonly events: EventLog;
  readonly policies: ScopePolicies;
  /** undefined: the node was made without a file, so there is nothing to read. */
  readonly source: ConfigSource | undefined;
  /** Scopes that have a worker now. */
  readonly workerScopes: () => readonly Scope[];
  /** Called when another policy is in force: for what workers that are up have of it. */
  readonly onLoaded: () => void;
  readonly report: (line: string) => void;
}

/** How things stand with the file. */
export interface PolicyFileState {
  readonly path: string | null;
  /** Epoch milliseconds. */
  readonly loadedAt: number;
  readonly lastError: { readonly at: number; readonly problems: readonly ConfigProblem[] } | null;
  /** Settings that differ from those that the node was started with. */
  readonly needsRestart: readonly string[];
}

export class PolicyReload {
  readonly #parts: PolicyReloadParts;
  #state: PolicyFileState;
  /** Text of what was told last, so that a file that is looked at again isn't told of again. */
  #told = "";
  /**
   * Called with the keys of scopes whose workers run with rules that are not in force any more. They
   * should start anew once they have nothing to do; until then, what they start is narrowed already.
   */
  onPolicyChange: (scopeKeys: readonly string[]) => void = () => {};

  constructor(parts: PolicyReloadParts) {
    this.#parts = parts;
    this.#state = {
      path: parts.source?.path ?? null,
      loadedAt: parts.db.now(),
      lastError: null,
      needsRestart: [],
    };
  }

  /** How things stand. */
  get state(): PolicyFileState {
    return this.#state;
  }

  /** Reads the file and puts its policy in force. @returns whether it could be used */
  async reload(): Promise<boolean> {
    const { source } = this.#parts;
    if (source === undefined) return true;
    let settings: ConfigFile;
    try {
      settings = parseConfig(readConfigFile(source.path, source));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      await this.#refuse(error.problems);
      return false;
    }
    await this.#accept(settings, source);
    return true;
  }

  async #refuse(problems: readonly ConfigProblem[]): Promise<void> {
    const { db, events, report } = this.#parts;
    this.#state = { ...this.#state, lastError: { at: db.now(), problems } };
    const lines = problems.map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`
    );
    if (this.#isTold(["refused", ...lines])) return;
    report(`the settings file was not read again; the policy stays as it was: ${lines.join("; ")}`);
    await db.write((tx) =>
      events.append(tx, {
        type: "policy.refused",
        data: { path: this.#state.path, problems: lines.join("; ") },
      })
    );
  }

  async #accept(settings: ConfigFile, source: ConfigSource): Promise<void> {
    const { db, events, policies, report } = this.#parts;
    const needsRestart = differing(settings, source.settings);
    const isSame = JSON.stringify(settings.policy) === JSON.stringify(policies.file);
    const scopes = isSame ? [] : policies.replace(settings.policy, this.#parts.workerScopes());
    this.#state = {
      ...this.#state,
      lastError: null,
      needsRestart,
      ...(isSame ? {} : { loadedAt: db.now() }),
    };
    if (needsRestart.length > 0 && !this.#isTold(["restart", ...needsRestart])) {
      report(`changed settings that need a restart of the node: ${needsRestart.join(", ")}`);
    }
    if (isSame) return;
    const keys = [...new Set(scopes.map(scopeKey))];
    const whom = keys.length === 0 ? "" : `, and changes what ${keys.join(", ")} may`;
    report(`the policy in ${this.#state.path} was read again${whom}`);
    await db.write((tx) => {
      events.append(tx, {
        type: "policy.loaded",
        data: { path: this.#state.path, scopes: keys.join(", ") },
      });
      tx.afterCommit(() => this.#parts.onLoaded());
      if (keys.length > 0) tx.afterCommit(() => this.onPolicyChange(keys));
    });
  }

  #isTold(lines: readonly string[]): boolean {
    const text = lines.join("\n");
    const isKnown = text === this.#told;
    this.#told = text;
    return isKnown;
  }
}

/** Names of settings other than `policy` that two files say differently. */
function differing(one: ConfigFile, other: ConfigFile): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)] as (keyof ConfigFile)[]);
  names.delete("policy");
  return [...names].filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
