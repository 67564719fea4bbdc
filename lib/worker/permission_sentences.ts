/** The sentences about what the tasks of a DAG may touch. Pure. */
import { listFew } from "../schema/quote.ts";
import { scopeKey } from "../schema/scope.ts";
import type { ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import type { TaskGroup, TouchingSpec } from "./task_groups.ts";
import { SHELL } from "./task_wishes.ts";

/** What is told. */
export interface ToTell {
  readonly groups: readonly TaskGroup[];
  readonly scope: ScopeGround;
  readonly walls: MachineWalls;
}

/** One plain sentence for each thing that somebody who decides should know. */
export function permissionSentences(spec: TouchingSpec, told: ToTell): string[] {
  const { groups, scope } = told;
  const place = `the workspace of ${scopeKey(spec.scope).replace(":", " ")} (${scope.workspace})`;
  const paths = wordsFor({ [scope.workspace]: place });
  const working = groups.filter(({ refusals }) => refusals.length === 0);
  return [
    ...groups.flatMap(refusalSentences),
    ...working.flatMap((group) => {
      switch (group.type) {
        case "shell":
          return shellSentences(group, { told, paths, place });
        case "deno":
          return denoSentences(group, paths);
        default:
          return httpSentences(group);
      }
    }),
    ...secretSentences(spec),
    ...(working.some(({ type }) => type !== "http") ? [limitSentence(scope)] : []),
    ...(working.length > 0 ? [takenAwaySentence(working)] : []),
  ];
}

type Words = (granted: true | readonly string[]) => string;

function wordsFor(known: Readonly<Record<string, string>>): Words {
  return (granted) => {
    if (granted === true) return "everything";
    if (granted.length === 0) return "nothing";
    return granted.map((entry) => known[entry] ?? entry).join(", ");
  };
}

function refusalSentences({ tasks, refusals }: TaskGroup): string[] {
  return refusals.map((what) => `will not start: ${names(tasks)}, since ${what}`);
}

function shellSentences(
  { tasks, permissions, walls }: TaskGroup,
  { told, paths, place }: { told: ToTell; paths: Words; place: string },
): string[] {
  const who = names(tasks);
  const { env } = permissions;
  const variables = env === true ? [`gets all of the node's environment: ${who}`] : [];
  if (walls === "none") {
    const why = told.scope.policy.isolation === "none"
      ? "the policy wants no walls"
      : told.walls.reason ?? "this machine has no walls";
    return [
      `runs: ${SHELL} (${who}) — commands run with this user's rights, not walled in: ` +
      `they may read, write and reach whatever this user can (${why})`,
      `starts commands in: ${place}`,
      ...variables,
    ];
  }
  return [
    `runs: ${SHELL} (${who}), inside bubblewrap`,
    `${who} may read: ${paths(permissions.read)}, and the programs of the system`,
    `${who} may write: ${paths(permissions.write)}`,
    `${who} may reach: ` +
    (permissions.net === true
      ? "everything, this node's own address included: a shell can't be held to single hosts"
      : "nothing"),
    ...variables,
  ];
}

function denoSentences({ tasks, permissions, walls }: TaskGroup, paths: Words): string[] {
  const who = names(tasks);
  const words = wordsFor({});
  const { run, env } = permissions;
  const outside = walls === "bubblewrap" ? "inside bubblewrap" : "not walled in";
  return [
    `runs: ${tasks.length} deno task${tasks.length === 1 ? "" : "s"} (${who}), ` +
    (tasks.length === 1 ? "walled in by Deno" : "each walled in by Deno"),
    `${who} may read: ${paths(permissions.read)}`,
    `${who} may write: ${paths(permissions.write)}`,
    `${who} may reach: ${words(permissions.net)}`,
    ...(run === true || run.length > 0 ? [`${who} may run: ${words(run)}, ${outside}`] : []),
    ...(env === true ? [`gets all of the node's environment: ${who}`] : []),
  ];
}

function httpSentences({ tasks, permissions }: TaskGroup): string[] {
  const who = `http task${tasks.length === 1 ? "" : "s"} ${names(tasks)}`;
  const hosts = permissions.net === true ? ["everything"] : permissions.net;
  return hosts.map((host) => `may reach: ${host} (${who})`);
}

function secretSentences({ tasks }: TouchingSpec): string[] {
  const secrets = [...new Set(tasks.flatMap((task) => task.secrets))];
  return secrets.map((name) =>
    `gets the secret ${name}: ${names(tasks.filter((task) => task.secrets.includes(name)))}`
  );
}

function limitSentence({ policy }: ScopeGround): string {
  const cores = policy.cpu === null ? "" : `, ${policy.cpu} cores`;
  return `may use: ${policy.memory} of memory${cores} and ${policy.disk} of disk for all tasks of ` +
    `the scope together; each task ${policy.pids} processes, ${policy.task_timeout} and ` +
    `${policy.max_output} of output`;
}

function takenAwaySentence(groups: readonly TaskGroup[]): string {
  const shells = groups.filter(({ type, refusals }) => type === "shell" && refusals.length === 0);
  const walled = shells.filter(({ walls }) => walls !== "none");
  const but = [
    ...(walled.length < shells.length
      ? ["that does not hold for commands that are not walled in"]
      : []),
    ...(walled.some(({ permissions }) => permissions.net === true)
      ? ["the address is not taken away from commands that reach everything"]
      : []),
  ];
  const what = "this node's own address and data, and the workspaces of other scopes";
  return [`taken away in every case: ${what}`, ...but].join("; ");
}

function names(tasks: TaskGroup["tasks"]): string {
  return listFew(tasks.map((task) => task.id));
}
