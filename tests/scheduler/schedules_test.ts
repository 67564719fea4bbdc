/** When DAGs start by themselves: versions, overlaps, missed times, clocks that are set. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock } from "../helpers/fake_clock.ts";
import { call, publishDag, storeShows } from "../helpers/test_node.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import {
  confirmed,
  ending,
  HOUR,
  MINUTE,
  outcomes,
  pass,
  schedule,
  setEnabled,
  settled,
  START,
  withSchedules,
} from "./schedule_fixture.ts";

const EVERY_10_MINUTES = "*/10 * * * *";

Deno.test("a confirmed version starts by itself at its times, each with a run of its own", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending(EVERY_10_MINUTES));
    await pass(test, 31 * MINUTE);
    assert.deepEqual(await outcomes(test), ["12:10 started", "12:20 started", "12:30 started"]);
    const { times } = await schedule(test);
    for (const { run_id } of times) {
      const run = test.node.runs.load(run_id ?? "");
      assert.equal(run?.triggered_by, "schedule");
      assert.notEqual(run?.confirmed_by, null);
    }
    assert.equal(new Set(times.map(({ run_id }) => run_id)).size, 3);
  });
});

Deno.test("the next three times are told at publish, for a version and in its schedule", async () => {
  await withSchedules(async (test) => {
    const doc = ending({ cron: "0 3 * * *", timezone: "America/New_York" });
    // The clocks are set forward on 8 March: from UTC-5 to UTC-4.
    test.clock.advance(5 * 24 * HOUR);
    const next_runs = [
      "2026-03-07T08:00:00.000Z",
      "2026-03-08T07:00:00.000Z",
      "2026-03-09T07:00:00.000Z",
    ];
    const published = await publishDag(test.fetch, doc);
    assert.deepEqual(published.schedule?.next_runs, next_runs);
    assert.equal(published.schedule?.in_force, false);
    await confirmed(test, doc);
    const dag = await call<typeof published>(test.fetch, "/api/v1/dag/d");
    assert.deepEqual(dag.schedule, {
      cron: "0 3 * * *",
      timezone: "America/New_York",
      overlap: "skip",
      catch_up: "none",
      in_force: true,
      enabled: true,
      next_runs,
    });
    assert.deepEqual((await schedule(test)).schedule, dag.schedule);
  });
});

Deno.test("a new version waits for its own confirmation while the old one stays in force", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending(EVERY_10_MINUTES));
    await publishDag(test.fetch, ending("5 * * * *"));
    await pass(test, 10 * MINUTE);
    // Nobody decided: it expires, and changes nothing.
    await pass(test, 10 * MINUTE);
    assert.equal(test.node.specs.load("d")?.status, "expired");
    const second = await publishDag(test.fetch, ending("7 * * * *"));
    await call(test.fetch, "/api/v1/dag/d/reject", {
      method: "POST",
      body: { reason: "no", spec_hash: second.spec_hash },
    });
    await pass(test, 10 * MINUTE);
    assert.deepEqual(await outcomes(test), ["12:10 started", "12:20 started", "12:30 started"]);
    assert.equal((await schedule(test)).version, 1);
    await confirmed(test, ending("45 * * * *"));
    await pass(test, 16 * MINUTE);
    assert.deepEqual((await outcomes(test)).slice(3), ["12:45 started"]);
    assert.equal((await schedule(test)).version, 4);
    await confirmed(test, ending(undefined));
    await pass(test, 2 * HOUR, HOUR);
    assert.equal((await outcomes(test)).length, 4);
    assert.equal((await schedule(test)).schedule, null);
  });
});

for (const overlap of ["skip", "queue", "allow"] as const) {
  Deno.test(`overlap ${overlap}: what happens while the last run is still going`, async () => {
    await withSchedules(async (test) => {
      const doc = ending({ cron: EVERY_10_MINUTES, overlap }, {
        tasks: [{ id: "long", command: "true" }],
      });
      const first = await confirmed(test, doc);
      await call(test.fetch, `/api/v1/runs/${first}/pause`, { method: "POST" });
      await pass(test, 21 * MINUTE);
      const expected = {
        skip: ["12:10 skipped", "12:20 skipped"],
        queue: ["12:10 started", "12:20 started"],
        allow: ["12:10 started", "12:20 started"],
      }[overlap];
      assert.deepEqual(await outcomes(test), expected);
      const { times } = await schedule(test);
      const states = times.map(({ run_id }) => run_id && test.node.runs.load(run_id)?.status);
      if (overlap === "skip") {
        assert.deepEqual(states, [null, null]);
        assert.equal(times[0]?.reason, "the last run was still going");
      }
      if (overlap === "allow") assert.deepEqual(states, ["running", "running"]);
      if (overlap !== "queue") return;
      assert.deepEqual(states, ["queued", "queued"]);
      const [second, next] = [times[0]?.run_id ?? "", times[1]?.run_id ?? ""];
      const waiting = await call<{ waiting: object }>(test.fetch, `/api/v1/runs/${next}`);
      assert.deepEqual(waiting.waiting, {
        code: "earlier_run",
        message: `the run ${first} comes first`,
      });
      await call(test.fetch, `/api/v1/runs/${first}/cancel`, { method: "POST" });
      await storeShows(test.node, () => test.node.runs.load(next)?.status === "running");
      assert.equal(test.node.runs.load(second)?.status, "queued", "one after the other");
    });
  });
}

Deno.test("a schedule that is switched off starts nothing, and what passes meanwhile isn't missed", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending({ cron: EVERY_10_MINUTES, catch_up: true }));
    await pass(test, 10 * MINUTE);
    assert.equal((await setEnabled(test, false)).schedule?.enabled, false);
    assert.deepEqual((await schedule(test)).schedule?.next_runs, []);
    await pass(test, 2 * HOUR, HOUR);
    await confirmed(test, ending({ cron: EVERY_10_MINUTES, catch_up: true }, { description: "2" }));
    assert.equal((await schedule(test)).schedule?.enabled, false, "a new version changes nothing");
    await setEnabled(test, true);
    await pass(test, 10 * MINUTE);
    assert.deepEqual(await outcomes(test), ["12:10 started", "14:20 started"]);
  });
});

for (
  const [catch_up, expected] of [
    ["none", ["12:10 missed", "12:20 missed", "12:30 missed"]],
    ["last", ["12:10 missed", "12:20 missed", "12:30 made_up"]],
    [true, ["12:10 made_up", "12:20 made_up", "12:30 made_up"]],
  ] as const
) {
  Deno.test(`times that pass while the node is down, with catch_up ${catch_up}`, async () => {
    await withTempDir(async (dataDir) => {
      const clock = new FakeClock(START);
      await withSchedules(async (test) => {
        await confirmed(test, ending({ cron: EVERY_10_MINUTES, catch_up }));
      }, { clock, dataDir });
      clock.jump(35 * MINUTE);
      await withSchedules(async (test) => {
        assert.deepEqual(await outcomes(test), expected);
        await storeShows(test.node, () => test.node.runs.open().length === 0);
        await pass(test, 10 * MINUTE);
        assert.deepEqual(await outcomes(test), [...expected, "12:40 started"]);
        const events = test.node.events.read({ after: 0, limit: 1_000 });
        const missed = events.filter(({ type }) => type === "schedule.missed");
        assert.deepEqual(missed.map(({ data }) => data), [{
          count: 3,
          earlier_ones: false,
          from: "2026-03-01T12:10:00.000Z",
          to: "2026-03-01T12:30:00.000Z",
          catch_up: catch_up === true ? "all" : catch_up,
        }]);
      }, { clock, dataDir });
    });
  });
}

Deno.test("of very many missed times only the newest hundred are kept", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending({ cron: "* * * * *", catch_up: "all", overlap: "queue" }));
    test.clock.jump(365 * 24 * HOUR);
    test.clock.advance(MINUTE);
    await settled(test);
    const rows = test.node.scheduleStore.history("d", 10_000);
    assert.equal(rows.filter(({ outcome }) => outcome === "made_up").length, 100);
    assert.ok(rows.length <= 102, String(rows.length));
    const [event] = test.node.events.read({ after: 0, limit: 10_000 })
      .filter(({ type }) => type === "schedule.missed");
    assert.equal(event?.data["earlier_ones"], true);
  });
});

Deno.test("one DAG that can't be started doesn't keep the others from it, and comes again", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending(EVERY_10_MINUTES, { dag_id: "bad" }));
    await confirmed(test, ending(EVERY_10_MINUTES, { dag_id: "good" }));
    const trigger = `CREATE TRIGGER refuse BEFORE INSERT ON scheduled_times WHEN new.dag_id = 'bad'
      BEGIN SELECT RAISE(ABORT, 'not now'); END`;
    await test.node.db.write(() => test.node.db.run(trigger));
    test.clock.advance(10 * MINUTE);
    await storeShows(test.node, () => test.node.scheduleStore.history("good", 1).length === 1);
    assert.match(test.reports.join(), /schedule of bad: .*not now/);
    await test.node.db.write(() => test.node.db.run("DROP TRIGGER refuse"));
    test.clock.advance(5_000);
    await settled(test);
    assert.deepEqual(await outcomes(test, "bad"), ["12:10 started"]);
  });
});

Deno.test("a time that was dealt with isn't again, also for a new version after the clock was set back", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending(EVERY_10_MINUTES));
    await pass(test, 31 * MINUTE);
    const before = await schedule(test);
    test.clock.jump(-40 * MINUTE);
    await confirmed(test, ending("15,30 * * * *"));
    for (let passed = 0; passed < 60; passed++) {
      test.clock.advance(MINUTE);
      // A time that was settled before tells nobody anything that could be waited for.
      await test.node.schedules.runOnce();
    }
    const { times } = await schedule(test);
    assert.deepEqual(times.map(({ scheduled_at }) => scheduled_at.slice(11, 16)), [
      "12:30",
      "12:20",
      "12:15",
      "12:10",
    ]);
    assert.equal(
      times.find(({ scheduled_at }) => scheduled_at.includes("12:30"))?.run_id,
      before.times.find(({ scheduled_at }) => scheduled_at.includes("12:30"))?.run_id,
    );
    const runs = test.node.runs.list({ dagId: "d", limit: 100 });
    const begun = runs.filter(({ triggered_by }) => triggered_by === "schedule");
    assert.equal(begun.length, 4);
  });
});

Deno.test("however the clock jumps and the node restarts, no time is dealt with twice or lost", async () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("pass"), minutes: fc.integer({ min: 1, max: 45 }) }),
      fc.record({ kind: fc.constant("jump"), minutes: fc.integer({ min: -120, max: 120 }) }),
      fc.record({ kind: fc.constant("restart"), minutes: fc.integer({ min: 0, max: 90 }) }),
    ),
    { minLength: 3, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(moves, fc.constantFrom("none", "last", "all"), async (steps, catch_up) => {
      await withTempDir(async (dataDir) => {
        const clock = new FakeClock(START);
        let latest = START;
        const life = async (part: typeof steps, first: boolean): Promise<void> => {
          latest = Math.max(latest, clock.now());
          await withSchedules(async (test) => {
            if (first) {
              await confirmed(test, ending({ cron: EVERY_10_MINUTES, catch_up, overlap: "allow" }));
            }
            for (const { kind, minutes } of part) {
              if (kind === "jump") clock.jump(minutes * MINUTE);
              else clock.advance(minutes * MINUTE);
              // A timer that is a minute behind at most notices what the clock shows now.
              clock.advance(MINUTE);
              await settled(test);
              latest = Math.max(latest, clock.now());
            }
            const rows = test.node.scheduleStore.history("d", 10_000);
            const times = rows.map(({ scheduled_at }) => scheduled_at).reverse();
            const due = [];
            for (let at = START + 10 * MINUTE; at <= latest; at += 10 * MINUTE) due.push(at);
            assert.deepEqual(times, due, "every time once");
            const runs = test.node.runs.list({ dagId: "d", limit: 10_000 });
            const linked = new Set(rows.flatMap(({ run_id }) => run_id ?? []));
            const begun = runs.filter(({ triggered_by }) => triggered_by !== "confirm");
            assert.deepEqual(new Set(begun.map(({ run_id }) => run_id)), linked);
            assert.equal(begun.length, linked.size);
          }, { clock, dataDir });
        };
        let part: typeof steps = [];
        let first = true;
        for (const step of steps) {
          part.push(step);
          if (step.kind !== "restart") continue;
          await life(part.slice(0, -1), first);
          clock.jump(step.minutes * MINUTE);
          [part, first] = [[], false];
        }
        await life(part, first);
      });
    }),
    { numRuns: 12 },
  );
});
