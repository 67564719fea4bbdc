/**
 * What tasks may touch, and why they have their scope, in Chinese. The API says it in English, which
 * programs read as well; but who confirms has to understand it. On the server alone.
 * @module
 */

/** A sentence of `lib/worker/permission_sentences.ts`, and what is said for it. */
type Rule = readonly [sentence: RegExp, say: (...parts: string[]) => string];

const RULES: readonly Rule[] = [
  [
    /^will not start: (.+?), since (.+)$/,
    (who, why) => `不会启动：${named(who)}，因为${refusal(why)}`,
  ],
  [
    /^runs: (\S+) \((.+)\), inside bubblewrap$/,
    (what, who) => `运行 ${what}（${named(who)}），在 bubblewrap 的隔离之内`,
  ],
  [
    /^runs: (\S+) \((.+?)\) — commands run with this user's rights, not walled in: .* \((.+)\)$/,
    (what, who, why) =>
      `运行 ${what}（${named(who)}）：命令以本用户的权限运行，没有隔离，` +
      `可以读取、写入和访问本用户能触及的一切（${reason(why)}）`,
  ],
  [
    /^runs: (\d+) deno tasks? \((.+)\), (?:each )?walled in by Deno$/,
    (count, who) => `运行 ${count} 个 deno 任务（${named(who)}），由 Deno 隔离`,
  ],
  [/^starts commands in: (.+)$/, (place) => `命令的起始目录：${things(place)}`],
  [/^gets all of the node's environment: (.+)$/, (who) => `得到节点的全部环境变量：${named(who)}`],
  [
    /^(.+) may read: (.+?)(, and the programs of the system)?$/,
    (who, what, system) =>
      `${named(who)} 可读取：${things(what)}${system === "" ? "" : "，以及系统的程序"}`,
  ],
  [/^(.+) may write: (.+)$/, (who, what) => `${named(who)} 可写入：${things(what)}`],
  [
    /^(.+) may run: (.+), (inside bubblewrap|not walled in)$/,
    (who, what, walls) =>
      `${named(who)} 可执行：${things(what)}，` +
      (walls === "not walled in" ? "没有隔离" : "在 bubblewrap 的隔离之内"),
  ],
  [
    /^may reach: (.+) \(http tasks? (.+)\)$/,
    (what, who) => `可访问：${things(what)}（http 任务 ${named(who)}）`,
  ],
  [/^(.+) may reach: (.+)$/, (who, what) => `${named(who)} 可访问：${things(what)}`],
  [/^gets the secret (\S+): (.+)$/, (name, who) => `得到机密 ${name}：${named(who)}`],
  [
    /^may use: (\S+) of memory(?:, (\S+) cores)? and (\S+) of disk for all tasks of the scope together; each task (\d+) processes, (\S+) and (\S+) of output$/,
    (memory, cores, disk, processes, time, output) =>
      `可使用：该范围的所有任务合计内存 ${memory}、${
        cores === "" ? "" : `${cores} 核、`
      }磁盘 ${disk}；` +
      `每个任务 ${processes} 个进程、时长 ${time}、输出 ${output}`,
  ],
  [
    /^taken away in every case: this node's own address and data, and the workspaces of other scopes(; that does not hold for commands that are not walled in)?(; the address is not taken away from commands that reach everything)?$/,
    (unwalled, reaching) =>
      "任何情况下都不可触及：本节点自己的地址和数据，以及其他范围的工作目录" +
      (unwalled === "" ? "" : "；但这对没有隔离的命令不成立") +
      (reaching === "" ? "" : "；但可访问一切的命令仍能访问该地址"),
  ],
];

/** A sentence about what tasks may touch; one that isn't known stays as it is. */
export function zhPermission(sentence: string): string {
  for (const [pattern, say] of RULES) {
    const found = pattern.exec(sentence);
    if (found !== null) return say(...found.slice(1).map((part) => part ?? ""));
  }
  return sentence;
}

/** Why a DAG has its scope, as `describeScopeSource` says it in English. */
export function zhScopeSource(source: string, scope: string): string {
  if (source === "spec") return `DAG 自己要求范围 ${scope}。`;
  if (source === "dag_id_prefix") return `DAG 名称的前缀表示范围 ${scope}。`;
  if (source === "default") return `没有指明范围，因此是 ${scope}。`;
  return `环境变量 ${source.replace(/^task_env:/, "")} 表示范围 ${scope}。`;
}

/** What is granted: a list, all or nothing. */
function things(text: string): string {
  if (text === "everything") return "全部";
  if (text === "nothing") return "无";
  if (text.startsWith("everything, this node's own address included: a shell can't be held")) {
    return "全部，包括本节点自己的地址：shell 无法限制到单个主机";
  }
  return text.replaceAll(
    /(^|, )the workspace of (global|project|user|type)(?: ([\w.-]+))? \(/g,
    (_, before: string, type: string, id: string | undefined) =>
      `${before}${SCOPES[type]}${id === undefined ? "" : ` ${id} `}的工作目录 (`,
  );
}

const SCOPES: Readonly<Record<string, string>> = {
  global: "全局",
  project: "项目",
  user: "用户",
  type: "类型",
};

/** Few names of many. */
function named(text: string): string {
  return text.replace(/ and ([\d,]+) more$/, " 等 $1 个");
}

const VERBS: Readonly<Record<string, string>> = {
  "reach": "不可访问",
  "read": "不可读取",
  "write": "不可写入",
  "run": "不可执行",
  "have the variable": "不可得到环境变量",
  "have the secret": "不可得到机密",
};
const WHY: Readonly<Record<string, string>> = {
  "the policy does not grant it": "策略没有授予",
  "the policy takes it away": "策略收回了它",
  "it is the node's own address, and no policy can grant that":
    "那是节点自己的地址，任何策略都不能授予",
  "it belongs to the node or to another scope, and no policy can grant that":
    "那属于节点或另一个范围，任何策略都不能授予",
};

function refusal(text: string): string {
  const [, verb = "", what = "", why = ""] =
    /^it may not (reach|read|write|run|have the variable|have the secret) (.+?): (.+)$/.exec(
      text,
    ) ??
      [];
  if (what === "") return ` ${text}`;
  return `它${VERBS[verb]} ${what}：${WHY[why] ?? why}`;
}

function reason(text: string): string {
  if (text === "the policy wants no walls") return "策略不要求隔离";
  return text === "this machine has no walls" ? "本机没有隔离" : text;
}
