/** The UPDATE that decides, asked directly: what the routes check before it must not be needed. */
import assert from "node:assert/strict";
import { VersionState } from "../../lib/schema/states.ts";
import type { Role } from "../../lib/schema/roles.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { tokenIdOf } from "../helpers/test_node.ts";
import { decideDirectly, EXPIRE_SEC, publish, withStillNode } from "./decision_fixture.ts";

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
