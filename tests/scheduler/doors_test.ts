/** One UPDATE decides: every door gives the same refusal in the same state, and changes nothing. */
import assert from "node:assert/strict";
import { DOORS } from "../helpers/doors.ts";
import type { FakeClock } from "../helpers/fake_clock.ts";
import { call, publishDag, type TestNode, tokenIdOf } from "../helpers/test_node.ts";
import type { Role } from "../../lib/schema/roles.ts";
import { content, EXPIRE_SEC, withStillNode } from "./decision_fixture.ts";

interface Stage {
  readonly test: TestNode;
  readonly clock: FakeClock;
  /** The token that is going to decide. */
  readonly decider: string;
}

interface Case {
  readonly name: string;
  /** Of who decides; an approver without limits unless said otherwise. */
  readonly roles?: readonly Role[];
  readonly scopes?: readonly string[];
  readonly lifeMs?: number;
  readonly separationOfDuties?: boolean;
  /** Publishes, and does what makes the decision impossible. @returns the hash that was seen */
  prepare(stage: Stage): Promise<string>;
  /** What each door says to a confirm, and to a reject where that differs. */
  readonly confirm: string;
  readonly reject?: string;
}

const published = async ({ test }: Stage): Promise<string> =>
  (await publishDag(test.fetch, content("true"))).spec_hash;

const CASES: readonly Case[] = [
  { name: "nothing is in the way", prepare: published, confirm: "done" },
  { name: "an admin decides", roles: ["admin"], prepare: published, confirm: "done" },
  { name: "a viewer decides", roles: ["viewer"], prepare: published, confirm: "forbidden" },
  { name: "a publisher decides", roles: ["publisher"], prepare: published, confirm: "forbidden" },
  {
    name: "the token is for another scope",
    scopes: ["project:other"],
    prepare: published,
    confirm: "scope_not_allowed",
  },
  {
    name: "the token is for this scope",
    scopes: ["project:abc"],
    prepare: published,
    confirm: "done",
  },
  {
    name: "the token is for no scope",
    scopes: [],
    prepare: published,
    confirm: "scope_not_allowed",
  },
  {
    name: "the token was revoked",
    prepare: async (stage) => {
      const hash = await published(stage);
      const { node } = stage.test;
      await node.db.write((tx) => node.tokens.revoke(tx, tokenIdOf(node, stage.decider)));
      return hash;
    },
    confirm: "unauthenticated",
  },
  {
    name: "the token has just expired",
    lifeMs: 60_000,
    prepare: async (stage) => {
      const hash = await published(stage);
      stage.clock.advance(60_000);
      return hash;
    },
    confirm: "unauthenticated",
  },
  {
    name: "the token is in its last millisecond",
    lifeMs: 60_000,
    prepare: async (stage) => {
      const hash = await published(stage);
      stage.clock.advance(59_999);
      return hash;
    },
    confirm: "done",
  },
  {
    name: "the hash is of nothing",
    prepare: async (stage) => {
      await published(stage);
      return "0".repeat(64);
    },
    confirm: "content_changed",
  },
  {
    name: "other content took its place",
    prepare: async (stage) => {
      const hash = await published(stage);
      await publishDag(stage.test.fetch, content("other"));
      return hash;
    },
    confirm: "content_changed",
  },
  {
    name: "the time is over, to the millisecond",
    prepare: async (stage) => {
      const hash = await published(stage);
      stage.clock.jump(EXPIRE_SEC * 1000);
      return hash;
    },
    confirm: "confirmation_expired",
  },
  {
    name: "the time is over, and the version was marked so",
    prepare: async (stage) => {
      const hash = await published(stage);
      stage.clock.jump(EXPIRE_SEC * 1000);
      await stage.test.node.expirer.runOnce();
      assert.equal(stage.test.node.specs.load("d")?.status, "expired");
      return hash;
    },
    confirm: "confirmation_expired",
  },
  {
    name: "it is the last millisecond",
    prepare: async (stage) => {
      const hash = await published(stage);
      stage.clock.advance(EXPIRE_SEC * 1000 - 1);
      return hash;
    },
    confirm: "done",
  },
  {
    name: "it was rejected",
    prepare: async (stage) => {
      const hash = await published(stage);
      await decideBefore(stage, "reject", { reason: "no" });
      return hash;
    },
    confirm: "already_decided",
  },
  {
    name: "it was confirmed",
    prepare: async (stage) => {
      const hash = await published(stage);
      await decideBefore(stage, "confirm", {});
      return hash;
    },
    confirm: "done",
    reject: "already_decided",
  },
  {
    name: "who decides has published it, duties being separate",
    roles: ["publisher", "approver"],
    separationOfDuties: true,
    prepare: async ({ test, decider }) =>
      (await publishDag(test.fetch, content("true"), decider)).spec_hash,
    confirm: "separation_of_duties",
    reject: "done",
  },
  {
    name: "who decides has published it, duties not being separate",
    roles: ["publisher", "approver"],
    prepare: async ({ test, decider }) =>
      (await publishDag(test.fetch, content("true"), decider)).spec_hash,
    confirm: "done",
  },
  {
    name: "there is no such DAG",
    prepare: () => Promise.resolve("0".repeat(64)),
    confirm: "dag_not_found",
  },
];

async function decideBefore({ test }: Stage, what: string, body: object): Promise<void> {
  await call(test.fetch, `/api/v1/dag/d/${what}`, { method: "POST", body });
}

for (const { name, ...parts } of CASES) {
  for (const what of ["confirm", "reject"] as const) {
    const expected = what === "reject" ? parts.reject ?? parts.confirm : parts.confirm;
    Deno.test(`${what} where ${name}: ${expected} at every door`, async () => {
      for (const door of DOORS) {
        await withStillNode(async (test, clock) => {
          const decider = await test.as(parts.roles ?? ["approver"], {
            ...(parts.scopes === undefined ? {} : { scopes: parts.scopes }),
            ...(parts.lifeMs === undefined ? {} : { expiresAt: clock.now() + parts.lifeMs }),
          });
          const ask = await door.open(test, decider);
          const specHash = await parts.prepare({ test, clock, decider });
          const before = stateOf(test);
          const { code, text } = await ask({ what, dagId: "d", specHash, token: decider });
          assert.equal(code, expected, `${door.name} said: ${text.slice(0, 500)}`);
          if (code !== "done") assert.deepEqual(stateOf(test), before, `${door.name} changed it`);
          else assert.equal(test.node.specs.load("d")?.status, `${what}ed`, door.name);
        }, { config: { separation_of_duties: parts.separationOfDuties ?? false } });
      }
    });
  }
}

/** What a refusal must leave as it was. */
function stateOf({ node }: TestNode): unknown {
  return {
    versions: node.specs.versions("d", { before: 1e9, limit: 100 }),
    runs: node.runs.list({ limit: 100 }),
    events: node.events.latest(),
  };
}
