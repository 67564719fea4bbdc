/** What a decision means after all that happened to a DAG before. */
import assert from "node:assert/strict";
import { tokenIdOf } from "../helpers/test_node.ts";
import { decideDirectly, EXPIRE_SEC, publish, withStillNode } from "./decision_fixture.ts";

type Step =
  | readonly ["publish", content: string]
  | readonly ["confirm" | "reject", content: string | null]
  /** The time is over; `expire`: and the version was marked so. */
  | readonly ["expire" | "lapse"];

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
    steps: [["publish", "A"], ["lapse"]],
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
    steps: [["publish", "A"], ["lapse"]],
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
  {
    steps: [["publish", "A"], ["lapse"]],
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
    steps: [["publish", "A"], ["confirm", "A"], ["publish", "A"], ["lapse"]],
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
        else if (what === "expire" || what === "lapse") {
          clock.jump(EXPIRE_SEC * 1000);
          if (what === "expire") await test.node.expirer.runOnce();
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
