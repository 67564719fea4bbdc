/** What the pages about decisions, and those for signing in, say in Chinese. */
import type { EN_RUNS } from "./en_runs.ts";

export const ZH_RUNS: typeof EN_RUNS = {
  decision: {
    title: "决定",
    open: (number) => number === 0 ? "没有提问" : `${number} 项待决定`,
    nothing: "没有任务在等你。",
    nothingHint: "当一个需要人来决定的任务即将开始时，问题会出现在这里。",
    lately: "最近的决定",
    run: "运行",
    level: "级别",
    until: "截止",
    question: (text) =>
      text.replace(/^Run the (\w+) task (.+)\?/, "运行 $1 任务 $2？")
        .replace(/^Go on past (.+)\?/, "通过 $1？")
        .replace(/ (\d+) of (.+) have to agree\.$/, "$2 之中需有 $1 人同意。"),
    kinds: {
      approval: "由人开启的关卡",
      recommended: "无人反对则运行",
      confirmed: "需要同意",
      arbitrated: "投票",
    },
    would: "它将做什么",
    then: (text) => `；${text}`,
    defaults: {
      execute: "之后任务运行",
      skip: "之后跳过任务",
      abort: "之后中止运行",
      fail: "之后任务失败",
    },
    by: "决定者",
    decided: "决定时间",
    reason: "原因",
    votes: (needed) => `投票，需要 ${needed} 票`,
    noVote: "尚未投票",
    vote: { approve: "同意", reject: "反对" },
    why: "为什么？会留在运行的历史中。",
    approve: "同意",
    reject: "拒绝",
    voteFor: "投赞成票",
    voteAgainst: "投反对票",
  },
  signIn: {
    title: "登录",
    badLink: "此登录链接不再有效",
    badLinkHint: "链接只能使用一次，15 分钟内有效。在节点所在的机器上用以下命令获取新的：",
    badToken: "此令牌不能登录",
    badTokenHint: "它在此未知、已过期或已吊销。请粘贴完整令牌，或询问管理员。",
    signedInAs: (name) => `你已以 ${name} 登录。`,
    goOn: "继续",
    token: "令牌",
    looksLike: "形如：",
    ownerIn: "所有者的令牌在节点数据目录的此文件中：",
    link: "在节点所在的机器上，以下命令会打印登录链接：",
    welcome: "你已登录",
  },
  error: {
    status: (status) => `状态码 ${status}`,
    overview: "前往概览",
    request: "请求",
  },
};
