/**
 * The calls of the design document, made by a real `curl` against a real node, as they are written
 * there: no Content-Type, a `scope`, no `description`, and a confirm without a body. Only address,
 * token and list of tasks are filled in.
 */
import assert from "node:assert/strict";
import { waitForEnd, withNodeProcess } from "../helpers/node_process.ts";
import { curl } from "../helpers/curl.ts";

const TASKS = `[
      {"id": "build", "command": "echo version=1.2.3 >> $CIS_OUTPUT"},
      {"id": "deploy", "depends_on": ["build"], "command": "echo deploying $CIS_INPUT_BUILD_VERSION"}
    ]`;

Deno.test("publish and confirm work as the design document writes them, and the run completes", async () => {
  await withNodeProcess(async ({ url, token, client }) => {
    const publish = await curl(
      ["-X", "POST", `${url}/api/v1/dag/publish`],
      ["-H", `Authorization: Bearer ${token}`],
      [
        "-d",
        `{
    "dag_id": "proj-abc-deploy",
    "tasks": ${TASKS},
    "scope": {"type": "project", "project_id": "abc"}
  }`,
      ],
    );
    assert.equal(publish.status, 200, publish.body);
    const published = JSON.parse(publish.body);
    assert.deepEqual(
      [published.dag_id, published.version, published.status, published.expire_sec],
      ["proj-abc-deploy", 1, "waiting_confirmation", 300],
    );
    assert.deepEqual(
      [published.worker_id, published.room_id],
      ["worker-project-abc", "!worker-project-abc:node1"],
    );
    assert.equal(published.confirm_url, `${url}/api/v1/dag/proj-abc-deploy/confirm`);

    const confirm = await curl(
      ["-X", "POST", `${url}/api/v1/dag/proj-abc-deploy/confirm`],
      ["-H", `Authorization: Bearer ${token}`],
    );
    assert.equal(confirm.status, 200, confirm.body);
    const { dag_id, run_id } = JSON.parse(confirm.body);
    assert.equal(dag_id, "proj-abc-deploy");
    assert.match(run_id, /^dag-run-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

    const again = await curl(
      ["-X", "POST", `${url}/api/v1/dag/proj-abc-deploy/confirm`],
      ["-H", `Authorization: Bearer ${token}`],
    );
    assert.equal(JSON.parse(again.body).run_id, run_id, "twice is once");

    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", JSON.stringify(run, null, 1));
    const logs = await curl(
      [`${url}/api/v1/runs/${run_id}/logs`],
      ["-H", `Authorization: Bearer ${token}`],
      ["-H", "Accept: text/plain"],
    );
    assert.equal(logs.body, "deploying 1.2.3\n");
    const status = await curl(
      [`${url}/api/v1/dag/proj-abc-deploy/status`],
      ["-H", `Authorization: Bearer ${token}`],
    );
    const { completed_tasks, total_tasks, last_run } = JSON.parse(status.body);
    assert.deepEqual([completed_tasks, total_tasks, last_run.run_id], [2, 2, run_id]);
  });
});

Deno.test("bodies that curl sends by -d, from a file and as YAML are understood; 2 MiB are not", async () => {
  await withNodeProcess(async ({ url, token, dataDir }) => {
    const auth = ["-H", `Authorization: Bearer ${token}`];
    const validate = `${url}/api/v1/dag/validate`;
    await Deno.writeTextFile(
      `${dataDir}/d.yaml`,
      "dag_id: d\ntasks:\n- {id: a, command: 'true'}\n",
    );
    await Deno.writeTextFile(
      `${dataDir}/d.toml`,
      'dag_id = "d"\n[[tasks]]\nid = "a"\ncommand = "true"\n',
    );
    for (const file of ["d.yaml", "d.toml"]) {
      const sent = await curl([validate], auth, ["--data-binary", `@${dataDir}/${file}`]);
      assert.equal(sent.status, 200, `${file}: ${sent.body}`);
      assert.equal(JSON.parse(sent.body).tasks_count, 1);
    }
    await Deno.writeFile(`${dataDir}/large`, new Uint8Array(2 * 1024 * 1024).fill(0x20));
    for (const chunked of [[], ["-H", "Transfer-Encoding: chunked"]]) {
      const large = await curl([validate], auth, chunked, ["--data-binary", `@${dataDir}/large`]);
      assert.deepEqual([large.status, JSON.parse(large.body).code], [413, "body_too_large"]);
    }
    const form = await curl([validate], auth, ["-F", "file=@/dev/null"]);
    assert.deepEqual([form.status, JSON.parse(form.body).code], [415, "unsupported_media_type"]);
    assert.equal((await curl([`${url}/health`])).status, 200);
  });
});
