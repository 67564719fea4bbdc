/** Publishing: immutable versions, one of which waits at most. */
import assert from "node:assert/strict";
import { call, publishDag, type TestNode, type TestRequest } from "../helpers/test_node.ts";
import { content, EXPIRE_SEC, withStillNode } from "./decision_fixture.ts";

function statuses({ node }: TestNode): string[] {
  return node.specs.versions("d", { before: 1e9, limit: 100 })
    .map(({ version, status }) => `${version} ${status}`).reverse();
}

async function refusal(test: TestNode, body: object, init: TestRequest = {}): Promise<unknown> {
  const response = await test.fetch("/api/v1/dag/publish", { method: "POST", body, ...init });
  return { status: response.status, ...await response.json() as object };
}

Deno.test("the same content while it waits is the same version, with the time that is left", async () => {
  await withStillNode(async (test, clock) => {
    const first = await publishDag(test.fetch, content("A"));
    clock.advance(100_500);
    const second = await publishDag(test.fetch, content("A"));
    assert.deepEqual({ ...second, expire_sec: 0 }, { ...first, expire_sec: 0 });
    assert.deepEqual([first.expire_sec, second.expire_sec], [EXPIRE_SEC, 200]);
    assert.deepEqual(statuses(test), ["1 waiting_confirmation"]);
  });
});

Deno.test("other content takes the place of what waits, and says so", async () => {
  await withStillNode(async (test) => {
    await publishDag(test.fetch, content("A"));
    const second = await publishDag(test.fetch, content("B"));
    assert.equal(second.version, 2);
    assert.deepEqual(statuses(test), ["1 superseded", "2 waiting_confirmation"]);
    const types = test.node.events.read({ after: 0, limit: 10 }).map(({ type }) => type);
    assert.deepEqual(types, ["dag.published", "dag.superseded", "dag.published"]);
  });
});

Deno.test("what waited too long is expired, not superseded, also where nobody noticed", async () => {
  await withStillNode(async (test, clock) => {
    await publishDag(test.fetch, content("A"));
    clock.jump(EXPIRE_SEC * 1000);
    const again = await publishDag(test.fetch, content("A"));
    assert.deepEqual([again.version, again.expire_sec], [2, EXPIRE_SEC]);
    assert.deepEqual(statuses(test), ["1 expired", "2 waiting_confirmation"]);
  });
});

Deno.test("a given version has to be the next one, or the one that waits with this content", async () => {
  await withStillNode(async (test) => {
    const versioned = (command: string, version: number): object => ({
      ...content(command),
      version,
    });
    const conflict = (next_version: number): object => ({ code: "version_conflict", next_version });
    const expectConflict = async (body: object, next: number): Promise<void> => {
      const { status, code, next_version } = await refusal(test, body) as Record<string, unknown>;
      assert.equal(status, 409);
      assert.deepEqual({ code, next_version }, conflict(next));
    };
    await expectConflict(versioned("A", 2), 1);
    assert.equal((await publishDag(test.fetch, versioned("A", 1))).version, 1);
    assert.equal((await publishDag(test.fetch, versioned("A", 1))).version, 1);
    await expectConflict(versioned("B", 1), 2);
    await expectConflict(versioned("B", 3), 2);
    assert.deepEqual(statuses(test), ["1 waiting_confirmation"], "a conflict puts nothing aside");
    assert.equal((await publishDag(test.fetch, versioned("B", 2))).version, 2);
  });
});

Deno.test("the expected version is no part of the content", async () => {
  await withStillNode(async (test) => {
    const plain = await publishDag(test.fetch, content("A"));
    const versioned = await publishDag(test.fetch, { ...content("A"), version: 1 });
    assert.equal(versioned.spec_hash, plain.spec_hash);
  });
});

Deno.test("publishes at once give one version for each content, in some order", async () => {
  await withStillNode(async (test) => {
    const answers = await Promise.all(
      ["A", "B", "A", "B", "C"].map((command) => publishDag(test.fetch, content(command))),
    );
    const waiting = statuses(test).filter((status) => status.endsWith("waiting_confirmation"));
    assert.equal(waiting.length, 1);
    assert.ok(statuses(test).slice(0, -1).every((status) => status.endsWith("superseded")));
    assert.equal(new Set(answers.map(({ version }) => version)).size, statuses(test).length);
  });
});

Deno.test("a validate says what a publish would, and stores nothing", async () => {
  await withStillNode(async (test) => {
    const init = { method: "POST", body: content("A") };
    const validated = await call<object>(test.fetch, "/api/v1/dag/validate", init);
    assert.deepEqual(statuses(test), []);
    assert.equal(test.node.events.latest(), 0);
    const published = await publishDag(test.fetch, content("A"));
    assert.deepEqual(validated, { ...published, expires_at: null });
  });
});

Deno.test("a token of one scope can't publish for another, nor under the name of its DAG", async () => {
  await withStillNode(async (test) => {
    const other = await test.as(["publisher"], { scopes: ["project:other"] });
    const direct = await refusal(test, content("A"), { token: other }) as Record<string, unknown>;
    assert.deepEqual([direct["status"], direct["code"]], [403, "scope_not_allowed"]);
    await publishDag(test.fetch, content("A"));
    const squat = { ...content("B"), scope: { type: "project", project_id: "other" } };
    const taken = await refusal(test, squat, { token: other }) as Record<string, unknown>;
    assert.deepEqual([taken["status"], taken["code"]], [403, "scope_not_allowed"]);
    assert.deepEqual(statuses(test), ["1 waiting_confirmation"]);
  });
});

Deno.test("the version in force runs only for whom its own scope is open", async () => {
  await withStillNode(async (test) => {
    const { spec_hash } = await publishDag(test.fetch, content("A"));
    await call(test.fetch, "/api/v1/dag/d/confirm", { method: "POST", body: { spec_hash } });
    // The newest version belongs to another project, the one in force still to the first.
    await publishDag(test.fetch, {
      ...content("B"),
      scope: { type: "project", project_id: "other" },
    });
    const other = await test.as(["approver"], { scopes: ["project:other"] });
    const init = { method: "POST", token: other };
    const response = await test.fetch("/api/v1/dag/d/run", init);
    assert.equal(response.status, 403);
    assert.equal((await response.json()).code, "scope_not_allowed");
    assert.equal(test.node.runs.list({ limit: 10 }).length, 1);
    const { versions } = await call<{ versions: { version: number }[] }>(
      test.fetch,
      "/api/v1/dag/d/versions",
      { token: other },
    );
    assert.deepEqual(versions.map(({ version }) => version), [2]);
  });
});
