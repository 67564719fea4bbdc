/** What notices say. */
import assert from "node:assert/strict";
import { decisionNotice } from "../../lib/people/decision_notice.ts";
import type { RunBrief } from "../../lib/scheduler/run_brief.ts";
import { runNotice } from "../../lib/people/run_notice.ts";
import { FULL, versionNotice } from "../../lib/people/version_notice.ts";
import { dagView, decisionView, runView } from "../cli/samples.ts";

const DECIDED = { decided_by: "@alice:a", decided_at: "2026-03-01T12:00:00.000Z" };

Deno.test("an announcement has what somebody needs to decide", () => {
  const view = dagView({
    status: "waiting_confirmation",
    expires_at: "2026-03-01T12:05:00.000Z",
    decided_by: null,
    decided_at: null,
    run_id: null,
  });
  const { text, html } = versionNotice(view, "https://node.example/pending#a");
  assert.match(
    text,
    /^⏳ proj-abc-deploy, version 3: waits for a yes until 2026-03-01 12:05 UTC\n/,
  );
  assert.match(text, /for project:abc, published by /);
  assert.match(text, /• build shell make clean make build\n• ship shell make ship, after build/);
  for (const sentence of view.permissions.summary) assert.ok(text.includes(sentence), sentence);
  for (const { message } of view.warnings) assert.ok(text.includes(message), message);
  assert.match(text, new RegExp(`hash ${view.spec_hash}`));
  assert.match(text, /✅ to confirm exactly this, with ❌ to refuse it/);
  assert.match(html, /<a href="https:\/\/node\.example\/pending#a">look at it<\/a>/);
  assert.doesNotMatch(versionNotice(view, undefined).text, /look at it/);
});

Deno.test("an announcement changes to say what became of it, and asks no more", () => {
  const cases = [
    [
      { status: "confirmed", run_id: "dag-run-1", ...DECIDED },
      /confirmed by @alice:a, run dag-run-1/,
    ],
    [
      { status: "rejected", reason: "too <b>late</b>", ...DECIDED },
      /rejected by @alice:a: too <b>/,
    ],
    [{ status: "expired" }, /nobody decided in time/],
    [{ status: "superseded" }, /other content was published in its place/],
  ] as const;
  for (const [more, said] of cases) {
    const { text, html } = versionNotice(dagView(more), undefined);
    assert.match(text, said);
    assert.doesNotMatch(text, /React/);
    assert.doesNotMatch(html, /<b>/);
  }
});

Deno.test("long commands are cut in an announcement, less in an answer", () => {
  const view = dagView();
  const [task] = view.spec.tasks;
  if (task?.type !== "shell") throw new Error("the sample has changed");
  task.command = "x".repeat(300);
  assert.match(versionNotice(view, undefined).text, /build shell x{99}…\n/);
  assert.match(versionNotice(view, undefined, FULL).text, /build shell x{300}\n/);
});

function brief(more: Partial<RunBrief> = {}): RunBrief {
  const { tasks: _, queue: _queue, decisions: _decisions, debts: _debts, ...summary } = runView();
  return { ...summary, active: [], failed: [], failed_tasks: 0, ...more };
}

Deno.test("a run's notice says how it stands", () => {
  const open = { finished_at: null, error: null };
  const running = brief({
    ...open,
    status: "running",
    completed_tasks: 1,
    total_tasks: 2,
    active: [
      { task_id: "ship", status: "running" },
      { task_id: "ask", status: "awaiting_decision" },
    ],
  });
  const { text } = runNotice(running, undefined);
  assert.match(text, /^▶ proj-abc-deploy running, 1 of 2 tasks done\n/);
  assert.match(text, /now: ship, ask \(waits for a decision\)/);
  const failed = runNotice(
    brief({
      status: "failed",
      error: "ship failed",
      started_at: "2026-03-01T12:00:00.000Z",
      finished_at: "2026-03-01T12:01:30.000Z",
      failed: [{ task_id: "ship", error: "exit code 1" }],
      failed_tasks: 12,
    }),
    undefined,
  );
  assert.match(failed.text, /^❌ .* failed, .* in 90 s\n/);
  assert.match(failed.text, /• ship failed: exit code 1\n• and 11 more\n/);
  const waiting = { code: "waits_for_worker", message: "the worker is away" } as const;
  const held = runNotice(brief({ ...open, status: "queued", waiting }), undefined);
  assert.match(held.text, /waits: the worker is away/);
});

Deno.test("a decision's notice says what is asked, and what was answered", () => {
  const open = decisionNotice(decisionView());
  assert.match(open.text, /^❓ ship of proj-abc-deploy: to be decided until 2026-03-01 12:05 UTC/);
  assert.match(open.text, /no answer is a no\nRun the shell task ship\?/);
  assert.match(open.text, /React with ✅ for yes, with ❌ for no/);
  const voting = decisionNotice(decisionView({
    kind: "arbitrated",
    stakeholders: ["a", "b", "c"],
    threshold: 2,
    votes: [{ stakeholder: "a", by: "a", vote: "reject", reason: null, voted_at: "" }],
  }));
  assert.match(voting.text, /2 of a, b, c have to agree\n• ❌ a\n/);
  const over = decisionNotice(decisionView({ status: "rejected", reason: "no", ...DECIDED }));
  assert.match(over.text, /^❌ ship of proj-abc-deploy: rejected by @alice:a: no\n/);
  assert.doesNotMatch(over.text, /React/);
});
