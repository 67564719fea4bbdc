/**
 * Named moments at which a node can be made to die of SIGKILL: in the middle of a transaction, or
 * right after its commit and before anybody is told. Known by the statements that the node executes,
 * so that nothing in it has to know of them.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A moment. */
export interface CrashPoint {
  readonly statement: RegExp;
  /** `committed`: when the transaction with that statement has been committed. */
  readonly when: "before" | "after" | "committed";
}

const STATEMENTS = {
  publish: /^INSERT INTO dag_specs/,
  confirm: /^UPDATE dag_specs\s+SET status = :status/,
  begin_run: /^INSERT INTO dag_runs/,
  keep_answer: /^INSERT INTO idempotency_keys/,
  ask: /^INSERT INTO decisions/,
  decide: /^UPDATE decisions\s+SET status = :status/,
  worker_ready: /^INSERT INTO workers/,
  dispatch: /^INSERT INTO task_attempts/,
  result: /^UPDATE task_attempts SET status/,
  outputs: /^UPDATE task_runs SET outputs = \?/,
  debt: /^INSERT INTO debts/,
  end_run: /^UPDATE dag_runs SET status/,
  schedule: /^INSERT INTO scheduled_times/,
  prune: /^DELETE FROM dag_runs/,
  migrate: /^PRAGMA user_version = /,
  backup: /^PRAGMA integrity_check/,
} as const;

/** What a node can be doing when it dies. */
export type Doing = keyof typeof STATEMENTS;

/** The point of a name such as "dispatch committed". @throws {Error} for no such name */
export function crashPoint(name: string): CrashPoint {
  const [doing = "", when = ""] = name.split(" ");
  if (!(doing in STATEMENTS) || !/^(before|after|committed)$/.test(when)) {
    throw new Error(`there is no crash point "${name}"`);
  }
  return { statement: STATEMENTS[doing as Doing], when: when as CrashPoint["when"] };
}

/** Has this process die at a point, when it comes there for the `nth` time. */
export function dieAt({ statement: wanted, when }: CrashPoint, nth: number): void {
  const { prepare, exec } = DatabaseSync.prototype;
  let [times, isDue] = [0, false];
  const pass = <T>(sql: string, work: () => T): T => {
    const isMeant = wanted.test(sql.trimStart()) && ++times === nth;
    if (isMeant && when === "before") die();
    const result = work();
    if (isMeant && when === "after") die();
    isDue ||= isMeant;
    if (sql === "COMMIT" && isDue) die();
    return result;
  };
  DatabaseSync.prototype.exec = function (sql: string): void {
    pass(sql, () => exec.call(this, sql));
  };
  DatabaseSync.prototype.prepare = function (sql: string): StatementSync {
    const prepared = prepare.call(this, sql);
    if (!wanted.test(sql.trimStart())) return prepared;
    return new Proxy(prepared, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...values: unknown[]): unknown =>
          pass(sql, () => Reflect.apply(method, target, values));
      },
    });
  };
}

function die(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}
