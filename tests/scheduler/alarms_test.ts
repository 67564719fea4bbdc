import assert from "node:assert/strict";
import fc from "fast-check";
import { Alarms, type AlarmTimer, systemTimer } from "../../lib/scheduler/alarms.ts";

/** A clock that stands still until it is moved. Like setTimeout it takes at most 2³¹ − 1 ms. */
class FakeTimer implements AlarmTimer {
  time = 0;
  /** How often it was set. */
  armed = 0;
  #next: { at: number; fire: () => void } | undefined;

  now(): number {
    return this.time;
  }

  after(ms: number, fire: () => void): () => void {
    assert.ok(ms >= 0, `set to ${ms} ms`);
    const mine = { at: this.time + Math.min(ms, 2 ** 31 - 1), fire };
    assert.equal(this.#next, undefined, "two timers at once");
    this.#next = mine;
    this.armed++;
    return () => {
      if (this.#next === mine) this.#next = undefined;
    };
  }

  /** Moves on to a time and fires what falls due on the way. */
  moveTo(time: number): void {
    while (this.#next !== undefined && this.#next.at <= time) {
      const { at, fire } = this.#next;
      this.#next = undefined;
      this.time = Math.max(this.time, at);
      fire();
    }
    this.time = time;
  }

  get isSet(): boolean {
    return this.#next !== undefined;
  }
}

function setUp(): {
  timer: FakeTimer;
  alarms: Alarms;
  rung: string[];
  ring: (n: string) => () => void;
} {
  const timer = new FakeTimer();
  const rung: string[] = [];
  return {
    timer,
    alarms: new Alarms(timer),
    rung,
    ring: (name) => () => rung.push(`${name}@${timer.time}`),
  };
}

Deno.test("an alarm rings once, at its time and not before", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("a", 100, ring("a"));
  timer.moveTo(99);
  assert.deepEqual(rung, []);
  timer.moveTo(1000);
  assert.deepEqual(rung, ["a@100"]);
});

Deno.test("an earlier alarm that is set later rings first", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("late", 500, ring("late"));
  alarms.set("early", 200, ring("early"));
  timer.moveTo(1000);
  assert.deepEqual(rung, ["early@200", "late@500"]);
});

Deno.test("an alarm in the past rings as soon as possible", () => {
  const { timer, alarms, rung, ring } = setUp();
  timer.moveTo(300);
  alarms.set("past", 100, ring("past"));
  timer.moveTo(300);
  assert.deepEqual(rung, ["past@300"]);
});

Deno.test("setting a name again moves its alarm, either way", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("a", 100, ring("first"));
  alarms.set("a", 300, ring("later"));
  alarms.set("b", 400, ring("first"));
  alarms.set("b", 200, ring("sooner"));
  timer.moveTo(1000);
  assert.deepEqual(rung, ["sooner@200", "later@300"]);
});

Deno.test("a cleared alarm stays silent, the others ring", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("a", 100, ring("a"));
  alarms.set("b", 200, ring("b"));
  alarms.clear("a");
  alarms.clear("never set");
  timer.moveTo(1000);
  assert.deepEqual(rung, ["b@200"]);
});

Deno.test("what rings may set, move and clear alarms", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("a", 100, () => {
    ring("a")();
    alarms.set("a", 150, ring("a again"));
    alarms.set("due now", 100, ring("due now"));
    alarms.clear("b");
    alarms.set("c", 300, ring("c moved"));
  });
  alarms.set("b", 100, ring("b"));
  alarms.set("c", 100, ring("c"));
  timer.moveTo(1000);
  assert.deepEqual(rung, ["a@100", "due now@100", "a again@150", "c moved@300"]);
});

Deno.test("an alarm beyond what a timer can take rings at its time", () => {
  const { timer, alarms, rung, ring } = setUp();
  const at = 100 * 24 * 3600 * 1000;
  alarms.set("far", at, ring("far"));
  timer.moveTo(at - 1);
  assert.deepEqual(rung, []);
  timer.moveTo(at);
  assert.deepEqual(rung, [`far@${at}`]);
});

Deno.test("the system's timer waits for a far time instead of firing at once", () => {
  let fired = false;
  const cancel = systemTimer.after(2 ** 40, () => (fired = true));
  cancel();
  assert.equal(fired, false);
});

Deno.test("after stop nothing rings and nothing can be set", () => {
  const { timer, alarms, rung, ring } = setUp();
  alarms.set("a", 100, ring("a"));
  alarms.stop();
  alarms.set("b", 200, ring("b"));
  timer.moveTo(1000);
  assert.deepEqual(rung, []);
  assert.equal(timer.isSet, false);
});

Deno.test("many alarms take one timer, set anew only for an earlier one", () => {
  const { timer, alarms, ring } = setUp();
  for (let at = 1; at <= 1000; at++) alarms.set(`n${at}`, at, ring(`n${at}`));
  assert.equal(timer.armed, 1);
});

Deno.test("however alarms are set and cleared, each rings exactly at its last time", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    fc.record({ do: fc.constant("set" as const), name, at: fc.nat(200) }),
    fc.record({ do: fc.constant("clear" as const), name }),
    fc.record({ do: fc.constant("move" as const), by: fc.nat(50) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { timer, alarms, rung } = setUp();
    const expected: string[] = [];
    const pending = new Map<string, number>();
    const moveTo = (time: number): void => {
      for (const [name, at] of [...pending].filter(([, at]) => at <= time)) {
        expected.push(`${name}@${Math.max(at, timer.time)}`);
        pending.delete(name);
      }
      timer.moveTo(time);
    };
    for (const each of steps) {
      if (each.do === "move") moveTo(timer.time + each.by);
      else if (each.do === "clear") {
        alarms.clear(each.name);
        pending.delete(each.name);
      } else {
        alarms.set(each.name, each.at, () => rung.push(`${each.name}@${timer.time}`));
        pending.set(each.name, each.at);
      }
    }
    moveTo(1000);
    assert.deepEqual(rung.sort(), expected.sort());
  }));
});
