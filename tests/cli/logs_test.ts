import assert from "node:assert/strict";
import type { FoundLogLine } from "../../lib/schema/log_search_page.ts";
import { json } from "../api/fake_fetch.ts";
import { runFake } from "./fake_system.ts";
import { logLine, RUN_ID } from "./samples.ts";

const SEARCH = "GET /api/v1/logs";

function found(seq: number, more: Partial<FoundLogLine> = {}): FoundLogLine {
  return { ...logLine(seq), run_id: RUN_ID, worker_id: "worker-global", ...more };
}

function pageOf(
  lines: readonly FoundLogLine[],
  next: string | null = null,
): Record<string, unknown> {
  return { count: lines.length, next_cursor: next, lines };
}

Deno.test("search says of each line when it was written, by what, and where to", async () => {
  const lines = [
    found(3, { stream: "stderr", text: "\x1b[31mit failed\x1b[0m\x07" }),
    found(2, { attempt: 2 }),
    found(1, { run_id: null, task_id: "", attempt: 0, text: "own" }),
  ];
  const { code, out } = await runFake(["logs", "search", "fail"], {
    routes: { [SEARCH]: json(pageOf(lines)) },
  });
  assert.equal(code, 0);
  assert.deepEqual(out.trimEnd().split("\n"), [
    `2026-03-01 11:59:51Z  ${RUN_ID} build ! it failed\\u{7}`,
    `2026-03-01 11:59:51Z  ${RUN_ID} build (attempt 2) | line 2`,
    "2026-03-01 11:59:51Z  worker-global | own",
  ]);
});

Deno.test("search asks on while nothing was found, until there is enough", async () => {
  const { out, err, sent } = await runFake(["logs", "search", "x", "--limit", "2"], {
    routes: {
      [SEARCH]: [
        json(pageOf([], "one")),
        json(pageOf([found(9)], "two")),
        json(pageOf([found(8)], "three")),
      ],
    },
  });
  assert.deepEqual(sent.map(({ path }) => path), [
    "/api/v1/logs?q=x&limit=2",
    "/api/v1/logs?q=x&limit=2&cursor=one",
    "/api/v1/logs?q=x&limit=1&cursor=two",
  ]);
  assert.equal(out.trimEnd().split("\n").length, 2);
  assert.match(err, /--cursor three/);
});

Deno.test("search hands its filters on, and says when nothing fits", async () => {
  const argv = [
    "logs",
    "search",
    "--run",
    "r",
    "--task",
    "t",
    "--worker",
    "w",
    "--stream",
    "stderr",
  ];
  const more = ["--since", "2h", "--until", "1h", "--attempt", "2", "-q", "a b"];
  const { out, err, sent } = await runFake([...argv, ...more], {
    routes: { [SEARCH]: json(pageOf([])) },
  });
  const query = new URLSearchParams((sent[0]?.path ?? "").split("?")[1]);
  assert.deepEqual(Object.fromEntries(query), {
    attempt: "2",
    stream: "stderr",
    since: "2h",
    until: "1h",
    q: "a b",
    run: "r",
    task: "t",
    worker: "w",
    limit: "100",
  });
  assert.deepEqual([out, err], ["", "No such lines.\n"]);
});

Deno.test("search --json is one page as the node gives it", async () => {
  const page = pageOf([], "one");
  const { out, sent } = await runFake(["logs", "search", "x", "--json"], {
    routes: { [SEARCH]: json(page) },
  });
  assert.deepEqual([JSON.parse(out), sent.length], [page, 1]);
});

Deno.test("logs of a run and of a worker take the same filters", async () => {
  for (
    const [argv, path] of [
      [["run", "logs", "r"], "/api/v1/runs/r/logs"],
      [["worker", "logs", "w"], "/api/v1/workers/w/logs"],
    ] as const
  ) {
    const { sent } = await runFake([...argv, "--stream", "stderr", "-q", "x", "--since", "1h"], {
      routes: { [`GET ${path}`]: json({ count: 0, next_cursor: null, lines: [] }) },
    });
    assert.equal(sent[0]?.path, `${path}?stream=stderr&since=1h&q=x`);
    const { code, err } = await runFake([...argv, "--stream", "stdin"], {});
    assert.equal(code, 2);
    assert.match(err, /stdout, stderr/);
  }
});
