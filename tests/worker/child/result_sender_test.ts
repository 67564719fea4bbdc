/** When results are sent. */
import assert from "node:assert/strict";
import type { TaskResult } from "../../../lib/schema/room_events.ts";
import { ResultSender } from "../../../lib/worker/child/result_sender.ts";

const result = (task_id: string): TaskResult => ({
  run_id: "run",
  task_id,
  attempt: 1,
  lease: "lease",
  status: "completed",
  exit_code: 0,
  outputs: null,
  error: null,
  started_at: 1,
  finished_at: 2,
});

Deno.test("results keep a distance while they can wait; one that can't takes them along", async () => {
  const sent: string[][] = [];
  const second = Promise.withResolvers<void>();
  const sender = new ResultSender({
    flushLogs: () => {},
    send: (content, onSent) => {
      const { results } = JSON.parse(content) as { results: TaskResult[] };
      sent.push(results.map(({ task_id }) => task_id));
      onSent();
    },
  });
  const add = (id: string, canWait: boolean, onSent = (): void => {}): void =>
    sender.add(result(id), { onSent, canWait });
  add("first", true);
  await Promise.resolve();
  assert.deepEqual(sent, [["first"]], "nothing has gone before it, so it had to wait for nothing");
  add("a", true, second.resolve);
  await Promise.resolve();
  assert.deepEqual(sent.length, 1);
  add("b", true);
  await second.promise;
  assert.deepEqual(sent.at(-1), ["a", "b"]);
  add("c", true);
  add("d", false);
  await Promise.resolve();
  assert.deepEqual(sent.at(-1), ["c", "d"]);
  add("e", true);
  sender.flush();
  assert.deepEqual(sent.at(-1), ["e"]);
});
