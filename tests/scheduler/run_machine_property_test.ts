/**
 * Random DAGs, to which random things happen. `CheckedRun` holds every single change against the
 * rules; what is tested here is what holds of whole runs. A failure prints seed and counter-example.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { TaskSpec } from "../../lib/schema/dag_spec.ts";
import { isFinalRun } from "../../lib/schema/states.ts";
import { nextReady, nodeAt } from "../../lib/scheduler/run_machine.ts";
import { CheckedRun, type Happening, HAPPENINGS } from "./checked_run.ts";
import { randomSpec, shuffled } from "./random_spec.ts";

const happening: fc.Arbitrary<Happening> = fc.tuple(fc.nat(1000), fc.constantFrom(...HAPPENINGS));
const history = fc.array(happening, { maxLength: 80 });
const ends = fc.infiniteStream(
  fc.constantFrom("complete", "complete", "fail", "lose", "approve", "reject", "expire", "miss"),
);

function isAborting({ level }: TaskSpec): boolean {
  return level.type === "recommended" && level.default_action === "abort";
}

function randomEnds(stream: Iterator<string>): () => string {
  return () => String(stream.next().value);
}

Deno.test("whatever happens in whatever order, the rules hold and the run ends", () => {
  fc.assert(
    fc.property(randomSpec, history, ends, fc.boolean(), (spec, steps, stream, still) => {
      const run = new CheckedRun(spec, { still });
      run.happen({ type: "start" });
      for (const each of steps) run.take(each);
      run.drain(randomEnds(stream));
      const { status, error } = run.machine;
      assert.equal(error !== null, status === "failed");
      const failures = [...run.indexes("failed"), ...run.indexes("cancelled")].filter((index) =>
        nodeAt(run.machine, index).status === "failed" || run.task(index).on_failure === "blocking"
      );
      if (spec.policy !== "first_success") {
        assert.equal(status, failures.length > 0 ? "failed" : "completed");
        return;
      }
      const winners = run.indexes("completed").filter((index) =>
        run.machine.dependants[index]?.length === 0 && run.task(index).run_if !== "any_failed"
      );
      // The first to complete decides the run, unless a task aborted it while a person held it.
      const aborted = run.indexes("failed").some((index) => isAborting(run.task(index)));
      if (status === "completed") assert.ok(winners.length > 0, "nothing decided it");
      else if (!aborted) assert.deepEqual(winners, []);
    }),
    { numRuns: 400 },
  );
});

Deno.test("a failed run rolls back what it completed, and a completed one nothing", () => {
  fc.assert(
    fc.property(randomSpec, history, ends, (spec, steps, stream) => {
      const run = new CheckedRun(spec);
      run.happen({ type: "start" });
      for (const each of steps) run.take(each);
      run.drain(randomEnds(stream));
      const due = run.completedIds.filter((id) => run.task(run.index(id)).rollback.length > 0);
      const states = due.map((id) => run.told.rollbacks[run.index(id)]);
      if (run.machine.status === "completed") {
        assert.deepEqual(states.filter((state) => state !== null), []);
      } else {
        assert.ok(states.every((state) => state === "done" || state === "failed"), `${states}`);
        const failed = states.filter((state) => state === "failed").length;
        const told = run.machine.error?.match(/rolling back "/g)?.length ?? 0;
        assert.equal(told, failed, run.machine.error ?? "");
      }
      const others = run.told.rollbacks.filter((state) => state !== null).length;
      assert.equal(others, run.machine.status === "completed" ? 0 : due.length);
    }),
    { numRuns: 300 },
  );
});

Deno.test("the cause of a failure is the first of them, whatever came after", () => {
  fc.assert(
    fc.property(randomSpec, history, ends, (spec, steps, stream) => {
      const run = new CheckedRun(spec, { still: true });
      run.happen({ type: "start" });
      for (const each of steps) run.take(each);
      run.drain(randomEnds(stream));
      if (run.machine.status !== "failed") return;
      const first = run.story.find((each) =>
        "to" in each && "id" in each && "type" in each && each.type === "task" &&
        (each.to === "failed" ||
          (each.to === "cancelled" &&
            run.task(run.index(String(each.id))).on_failure === "blocking"))
      );
      if (first === undefined) return assert.match(run.machine.error ?? "", /^none of the tasks/);
      const { id } = first as { id: string };
      assert.match(run.machine.error ?? "", new RegExp(`^task "${id}" (failed|was cancelled)`));
    }),
    { numRuns: 300 },
  );
});

Deno.test("a stop at any moment ends all tasks and revokes exactly what runs", () => {
  fc.assert(
    fc.property(
      randomSpec,
      history,
      fc.constantFrom("cancelled" as const, "failed" as const),
      fc.boolean(),
      (spec, steps, status, workerGone) => {
        const run = new CheckedRun(spec);
        if (steps.length % 5 !== 0) run.happen({ type: "start" });
        for (const each of steps) run.take(each);
        const { machine } = run;
        if (isFinalRun(machine.status)) return;
        const wasRollingBack = machine.open === 0 && machine.status === "running";
        const running = run.atWork().map((index) => run.lease(index));
        const completed = run.indexes("completed");
        const effects = run.happen({ type: "stop", status, reason: "enough", workerGone });
        const revoked = effects.flatMap((each) => each.type === "revoke" ? [each.lease] : []);
        assert.deepEqual(run.indexes("completed"), completed);
        assert.equal(machine.open, 0);
        if (wasRollingBack) {
          const goesOn = status === "failed" && !workerGone;
          assert.deepEqual(revoked.sort(), goesOn ? [] : running.sort());
          assert.equal(machine.status, goesOn ? "running" : "failed");
        } else {
          assert.deepEqual(revoked.sort(), running.sort());
          if (status === "cancelled" || workerGone) assert.equal(machine.status, status);
        }
        const ended = isFinalRun(machine.status) ? structuredClone(machine) : undefined;
        for (const each of steps) run.take(each);
        if (ended !== undefined) assert.deepEqual(structuredClone(machine), ended);
        run.drain();
        assert.equal(machine.status, wasRollingBack ? "failed" : status);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("nothing depends on the order of the tasks in the file, not even the order of starts", () => {
  fc.assert(
    fc.property(
      randomSpec,
      fc.infiniteStream(fc.nat()),
      history,
      fc.boolean(),
      (spec, numbers, steps, still) => {
        const one = new CheckedRun(spec, { still });
        const other = new CheckedRun(shuffled(spec, numbers), { still });
        const both = (happen: (run: CheckedRun) => void): void => {
          happen(one);
          happen(other);
          assert.deepEqual(other.story, one.story);
          assert.equal(other.machine.error, one.machine.error);
          const next = [one, other].map((run) => {
            const index = nextReady(run.machine);
            return index === undefined ? undefined : run.id(index);
          });
          assert.equal(next[1], next[0]);
        };
        both((run) => run.happen({ type: "start" }));
        for (const each of steps) both((run) => run.take(each));
        both((run) => run.drain());
        for (const { id } of spec.tasks) {
          const [a, b] = [one, other].map((run) => {
            const { waitingFor: _, ...node } = nodeAt(run.machine, run.index(id));
            return node;
          });
          assert.deepEqual(b, a, id);
        }
      },
    ),
    { numRuns: 300 },
  );
});
