/** The UPDATE that decides, asked directly: what the routes check before it must not be needed. */
import assert from "node:assert/strict";
import { CisError } from "../../lib/errors.ts";
import { confirm } from "../../lib/scheduler/confirm.ts";
import { reject } from "../../lib/scheduler/reject.ts";
import { VersionState } from "../../lib/schema/states.ts";
import type { Role } from "../../lib/schema/roles.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { publishDag, type TestNode, tokenIdOf } from "../helpers/test_node.ts";
import { content, EXPIRE_SEC, withStillNode } from "./decision_fixture.ts";

type Step =
  | readonly ["publish", content: string]
  | readonly ["confirm" | "reject", content: string | null]
  | readonly ["expire"];

/** Publishes content and gives its hash. */
async function publish({ fetch }: TestNode, command: string): Promise<string> {
  return (await publishDag(fetch, content(command))).spec_hash;
}

/** Confirms or rejects as a token, going past every route. @returns the run, or the code */
async function decideDirectly(
  { node }: TestNode,
  order: { what: "confirm" | "reject"; who: string; specHash?: string },
): Promise<string> {
  const { what, who, specHash } = order;
  try {
    const row = await node.db.write((tx) =>
      what === "confirm"
        ? confirm(tx, { ...node, separationOfDuties: node.config.separation_of_duties }, {
          dagId: "d",
          specHash,
          confirmedBy: who,
        })
        : reject(tx, node, { dagId: "d", specHash, rejectedBy: who, reason: "no" })
    );
    return row.run_id ?? row.status;
  } catch (error) {
    if (error instanceof CisError) return error.code;
    throw error;
  }
}

const TOKENS: readonly {
  name: string;
  roles?: readonly Role[];
  scopes?: readonly string[];
  lifeMs?: number;
  revoke?: true;
  code: string;
}[] = [
  { name: "a viewer", roles: ["viewer"], code: "forbidden" },
  { name: "a publisher", roles: ["publisher"], code: "forbidden" },
  { name: "another node", roles: ["node"], code: "forbidden" },
  { name: "an approver of another project", scopes: ["project:other"], code: "scope_not_allowed" },
  { name: "an approver of a user", scopes: ["user:abc", "type:abc"], code: "scope_not_allowed" },
  { name: "an approver of the global scope", scopes: ["global"], code: "scope_not_allowed" },
  {
    name: "an admin of another project",
    roles: ["admin"],
    scopes: ["project:x"],
    code: "scope_not_allowed",
  },
  { name: "an expired approver", lifeMs: 1000, code: "unauthenticated" },
  { name: "a revoked approver", revoke: true, code: "unauthenticated" },
  { name: "a revoked admin", roles: ["admin"], revoke: true, code: "unauthenticated" },
];

for (const { name, code, ...parts } of TOKENS) {
  Deno.test(`${name} decides nothing, without any route's help: ${code}`, async () => {
    await withStillNode(async (test, clock) => {
      const { node } = test;
      const token = await test.as(parts.roles ?? ["approver"], {
        ...(parts.scopes === undefined ? {} : { scopes: parts.scopes }),
        ...(parts.lifeMs === undefined ? {} : { expiresAt: clock.now() + parts.lifeMs }),
      });
      const who = tokenIdOf(node, token);
      const specHash = await publish(test, "true");
      if (parts.revoke) await node.db.write((tx) => node.tokens.revoke(tx, who));
      clock.advance(1000);
      for (const what of ["confirm", "reject"] as const) {
        assert.equal(await decideDirectly(test, { what, who, specHash }), code, what);
        assert.equal(await decideDirectly(test, { what, who }), code, `${what} without a hash`);
      }
      assert.equal(node.specs.load("d")?.status, "waiting_confirmation");
      // Not even the answer to a confirm that was given before.
      const owner = tokenIdOf(node, test.token);
      const run = await decideDirectly(test, { what: "confirm", who: owner, specHash });
      assert.match(run, /^dag-run-/);
      assert.equal(await decideDirectly(test, { what: "confirm", who, specHash }), code, "again");
    });
  });
}

/** What happened to a DAG, then a decision and what it says. `null`: without a hash. */
const HISTORIES: readonly {
  steps: readonly Step[];
  decide: "confirm" | "reject";
  about: string | null;
  gives: string;
}[] = [
  { steps: [["publish", "A"]], decide: "confirm", about: null, gives: "run" },
  { steps: [["publish", "A"]], decide: "reject", about: null, gives: "rejected" },
  { steps: [["publish", "A"], ["publish", "A"]], decide: "confirm", about: null, gives: "run" },
  {
    steps: [["publish", "A"], ["publish", "B"]],
    decide: "confirm",
    about: null,
    gives: "content_changed",
  },
  {
    steps: [["publish", "A"], ["publish", "B"]],
    decide: "reject",
    about: null,
    gives: "content_changed",
  },
  {
    steps: [["publish", "A"], ["publish", "B"]],
    decide: "confirm",
    about: "A",
    gives: "content_changed",
  },
  { steps: [["publish", "A"], ["publish", "B"]], decide: "confirm", about: "B", gives: "run" },
  // Back at A, but B was there in between: who has seen B must not confirm A unknowingly.
  {
    steps: [["publish", "A"], ["publish", "B"], ["publish", "A"]],
    decide: "confirm",
    about: null,
    gives: "content_changed",
  },
  {
    steps: [["publish", "A"], ["publish", "B"], ["publish", "A"]],
    decide: "confirm",
    about: "A",
    gives: "run",
  },
  // A decision draws a line under what was published before.
  {
    steps: [["publish", "A"], ["publish", "B"], ["reject", "B"], ["publish", "C"]],
    decide: "confirm",
    about: null,
    gives: "run",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "B"]],
    decide: "confirm",
    about: null,
    gives: "run",
  },
  {
    steps: [["publish", "A"], ["reject", "A"], ["publish", "B"], ["publish", "C"]],
    decide: "confirm",
    about: null,
    gives: "content_changed",
  },
  // An expiry is not a decision.
  {
    steps: [["publish", "A"], ["expire"], ["publish", "B"]],
    decide: "confirm",
    about: null,
    gives: "content_changed",
  },
  {
    steps: [["publish", "A"], ["expire"], ["publish", "A"]],
    decide: "confirm",
    about: null,
    gives: "run",
  },
  {
    steps: [["publish", "A"], ["expire"]],
    decide: "confirm",
    about: null,
    gives: "confirmation_expired",
  },
  {
    steps: [["publish", "A"], ["expire"]],
    decide: "reject",
    about: "A",
    gives: "confirmation_expired",
  },
  {
    steps: [["publish", "A"], ["expire"]],
    decide: "confirm",
    about: "B",
    gives: "content_changed",
  },
  // Twice.
  { steps: [["publish", "A"], ["confirm", "A"]], decide: "confirm", about: "A", gives: "same run" },
  {
    steps: [["publish", "A"], ["confirm", "A"]],
    decide: "confirm",
    about: null,
    gives: "same run",
  },
  {
    steps: [["publish", "A"], ["confirm", null]],
    decide: "confirm",
    about: "A",
    gives: "same run",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"]],
    decide: "confirm",
    about: "B",
    gives: "content_changed",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"]],
    decide: "reject",
    about: "A",
    gives: "already_decided",
  },
  {
    steps: [["publish", "A"], ["reject", "A"]],
    decide: "confirm",
    about: null,
    gives: "already_decided",
  },
  {
    steps: [["publish", "A"], ["reject", "A"]],
    decide: "reject",
    about: "A",
    gives: "already_decided",
  },
  // Something newer waits; the answer to an old confirm is still the old run.
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "B"]],
    decide: "confirm",
    about: "A",
    gives: "same run",
  },
  // The same content once more is a new question, with its own answer.
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "A"]],
    decide: "confirm",
    about: "A",
    gives: "run",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "A"], ["expire"]],
    decide: "confirm",
    about: "A",
    gives: "confirmation_expired",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "A"], ["reject", "A"]],
    decide: "confirm",
    about: "A",
    gives: "already_decided",
  },
  {
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "A"], ["publish", "B"]],
    decide: "confirm",
    about: "A",
    gives: "content_changed",
  },
];

for (const { steps, decide, about, gives } of HISTORIES) {
  const story = [...steps, [decide, about]].map((step) =>
    step.map((part) => part ?? "without a hash").join(" ")
  ).join(", ");
  Deno.test(`${story}: ${gives}`, async () => {
    await withStillNode(async (test, clock) => {
      const who = tokenIdOf(test.node, await test.as(["approver"]));
      const hashes = new Map<string, string>();
      let earlier = "";
      const hashOf = (name: string | null): { specHash?: string } =>
        name === null ? {} : { specHash: hashes.get(name) ?? "f".repeat(64) };
      for (const [what, name = null] of steps) {
        if (what === "publish") hashes.set(name ?? "", await publish(test, name ?? ""));
        else if (what === "expire") {
          clock.jump(EXPIRE_SEC * 1000);
          await test.node.expirer.runOnce();
        } else earlier = await decideDirectly(test, { what, who, ...hashOf(name) });
      }
      const before = test.node.runs.list({ limit: 10 }).length;
      const given = await decideDirectly(test, { what: decide, who, ...hashOf(about) });
      const begun = test.node.runs.list({ limit: 10 }).length - before;
      if (gives === "same run") assert.equal(given, earlier);
      else if (gives === "run") assert.ok(given.startsWith("dag-run-") && given !== earlier, given);
      else assert.equal(given, gives);
      assert.equal(begun, gives === "run" ? 1 : 0, "runs that were begun");
    });
  });
}

Deno.test("the expiry survives a restart, to the millisecond", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    for (const [late, gives] of [[-1, /^dag-run-/], [0, /^confirmation_expired$/]] as const) {
      let published = { at: 0, hash: "" };
      await withStillNode(async (test, clock) => {
        published = { at: clock.now(), hash: await publish(test, `late ${late}`) };
      }, { dataDir });
      const clock = new FakeClock(published.at + EXPIRE_SEC * 1000 + late);
      await withStillNode(async (test) => {
        const who = tokenIdOf(test.node, test.token);
        const specHash = published.hash;
        assert.match(await decideDirectly(test, { what: "confirm", who, specHash }), gives);
        if (late < 0) return;
        assert.equal(test.node.specs.load("d")?.status, "expired", "marked at the start");
      }, { dataDir, clock });
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("an expiry tells itself when its time has come, and only then", async () => {
  await withStillNode(async (test, clock) => {
    await publish(test, "true");
    clock.advance(EXPIRE_SEC * 1000 - 1);
    await test.node.db.write(() => {});
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    clock.advance(1);
    await test.node.db.write(() => {});
    assert.equal(test.node.specs.load("d")?.status, VersionState.enum.expired);
    const types = test.node.events.read({ after: 0, limit: 10 }).map(({ type }) => type);
    assert.deepEqual(types, ["dag.published", "dag.expired"]);
  });
});

Deno.test("two confirms at once begin one run, whatever they name", async () => {
  await withStillNode(async (test) => {
    const { node } = test;
    const specHash = await publish(test, "true");
    const deciders = await Promise.all([1, 2, 3, 4].map(() => test.as(["approver"])));
    const given = await Promise.all(deciders.map((token, index) =>
      decideDirectly(test, {
        what: "confirm",
        who: tokenIdOf(node, token),
        ...(index % 2 === 0 ? {} : { specHash }),
      })
    ));
    assert.equal(new Set(given).size, 1, given.join(" "));
    assert.match(given[0] ?? "", /^dag-run-/);
    assert.equal(node.runs.list({ limit: 10 }).length, 1);
  });
});

Deno.test("a confirm and a reject at once: one of them decides", async () => {
  await withStillNode(async (test) => {
    const who = tokenIdOf(test.node, test.token);
    for (const first of ["confirm", "reject"] as const) {
      const specHash = await publish(test, `${first} first`);
      const second = first === "confirm" ? "reject" : "confirm";
      const [one, other] = await Promise.all([
        decideDirectly(test, { what: first, who, specHash }),
        decideDirectly(test, { what: second, who, specHash }),
      ]);
      assert.match(one, first === "confirm" ? /^dag-run-/ : /^rejected$/);
      assert.equal(other, "already_decided");
    }
  });
});

Deno.test("a confirm that races with a publish begins what was seen, or nothing", async () => {
  await withStillNode(async (test) => {
    const { node } = test;
    const who = tokenIdOf(node, test.token);
    for (const publishFirst of [true, false]) {
      for (const named of [true, false]) {
        const label = `${publishFirst ? "publish" : "confirm"} first, ${named ? "a" : "no"} hash`;
        const seen = await publish(test, `seen: ${label}`);
        const runsBefore = node.runs.list({ limit: 100 }).length;
        const swap = (): Promise<string> => publish(test, `swapped: ${label}`);
        const decide = (): Promise<string> =>
          decideDirectly(test, { what: "confirm", who, ...(named ? { specHash: seen } : {}) });
        const [a, b] = await Promise.all(publishFirst ? [swap(), decide()] : [decide(), swap()]);
        const given = publishFirst ? b : a;
        const begun = node.runs.list({ limit: 100 }).slice(
          0,
          node.runs.list({ limit: 100 }).length - runsBefore,
        );
        if (given === "content_changed") assert.equal(begun.length, 0, label);
        else {
          assert.match(given, /^dag-run-/, label);
          assert.deepEqual(begun.map(({ run_id }) => run_id), [given], label);
          const version = begun[0]?.version;
          assert.equal(node.specs.load("d", version)?.spec_hash, seen, label);
        }
        // A line under it, for the next round.
        await decideDirectly(test, { what: "reject", who, specHash: publishFirst ? a : b });
      }
    }
  });
});
