/**
 * A node that is killed between a commit and the answer: it carries one request out, and dies of
 * SIGKILL as soon as what that changed is on disk. Arguments: data directory, id of the DAG that it
 * first runs, path (`{run_id}` stands for that run), Idempotency-Key, body. Prints the path and the
 * token that it asked with.
 */
import { failsAtOnce } from "../routes/api/v1/api_fixture.ts";
import { runEnded, startDag, withNode } from "./test_node.ts";

const [dataDir = "", dagId = "", template = "", key = "", body = ""] = Deno.args;

await withNode(async ({ node, fetch, token }) => {
  const { run_id } = await startDag(fetch, failsAtOnce(dagId));
  await runEnded(node, run_id);
  const path = template.replace("{run_id}", run_id);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ path, token })));
  const write = node.db.write.bind(node.db);
  node.db.write = (work, options) =>
    write((tx) => {
      tx.afterCommit(() => Deno.kill(Deno.pid, "SIGKILL"));
      return work(tx);
    }, options);
  const headers = { "idempotency-key": key, "content-type": "application/json" };
  const response = await fetch(path, {
    method: "POST",
    headers,
    ...(body === "" ? {} : { body }),
  });
  throw new Error(`it lives on after answering ${response.status}: ${await response.text()}`);
}, { dataDir });
