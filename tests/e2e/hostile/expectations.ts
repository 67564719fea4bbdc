/** What must hold after each hostile DAG. The key is the file's name in tests/testdata/hostile/. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunView } from "../../../lib/schema/api.ts";
import { failureCode, NODE_SECRET, type Stage, taskOf, TREASURE } from "./stage.ts";

/** Looks at a run that has ended. */
export type Expectation = (run: RunView, stage: Stage) => Promise<void> | void;

/** Tasks that need walls of the operating system to be held. */
export const WALLED: Readonly<Record<string, Expectation>> = {
  reads_system_secrets: async (run, stage) => {
    allFailed(run);
    assert.doesNotMatch(await stage.output(run), /^root:/m);
  },
  reads_node_data: async (run, stage) => {
    allFailed(run, ["make-link"]);
    const output = await stage.output(run);
    assert.doesNotMatch(output, /did:cis:/);
    assert.doesNotMatch(output, /SQLite format/);
    const key = Deno.readTextFileSync(join(stage.node.dataDir, "secret.key")).trim();
    assert.ok(!(output + JSON.stringify(run)).includes(key), "the key of the secrets was read");
  },
  reads_other_workspace: async (run, stage) => {
    allFailed(run);
    assert.ok(!(await stage.output(run)).includes(TREASURE));
  },
  reads_parent_environment: async (run, stage) => {
    // Whatever it may see of /proc: what nobody granted is not there.
    assert.equal(taskOf(run, "shell").status, "completed");
    assert.ok(!(await stage.output(run)).includes(NODE_SECRET));
    assert.ok(!JSON.stringify(run).includes(NODE_SECRET));
  },
  writes_outside: (run, stage) => {
    allFailed(run, ["system", "parent"]);
    assert.deepEqual(stage.taken(), []);
    for (const path of ["/usr/local/cis-hostile", "/etc/cis-hostile"]) absent(path);
    const workspaces = join(stage.node.dataDir, "workspaces");
    for (const name of ["parent", "deno-parent"]) absent(join(workspaces, name));
  },
  opens_sockets: async (run, stage) => {
    allFailed(run);
    assert.equal(stage.connections, 0);
    assert.doesNotMatch(await stage.output(run), /^connected$/m);
  },
  looks_around: (run) => {
    const seen = taskOf(run, "namespaces").outputs as Record<string, string>;
    for (const [kind, namespace] of Object.entries(seen)) {
      assert.match(namespace, new RegExp(`^${kind}:`));
      assert.notEqual(namespace, Deno.readLinkSync(`/proc/self/ns/${kind}`));
    }
    assert.deepEqual(Object.keys(seen), ["pid", "ipc", "uts", "mnt", "net", "user"]);
    assert.deepEqual(taskOf(run, "processes").outputs, { found: "0" });
    assert.equal(taskOf(run, "system").status, "failed");
    for (const path of ["/usr/cis-hostile", "/etc/cis-hostile"]) absent(path);
  },
  detaches: (run, stage) => {
    for (const id of ["detach", "children"]) assert.equal(taskOf(run, id).status, "completed");
    assert.deepEqual(stage.marked(), []);
  },
};

/** Tasks that Deno or the worker itself holds, with walls and without. */
export const HELD_ANYWHERE: Readonly<Record<string, Expectation>> = {
  spawns_ungranted_program: (run) => {
    for (const id of ["deno", "shell-of-it"]) {
      assert.equal(failureCode(run, id), "permission_denied");
    }
  },
  ignores_signals: (run, stage) => {
    for (const id of ["shell", "deno"]) assert.equal(failureCode(run, id), "timeout");
    assert.deepEqual(stage.marked(), []);
  },
  takes_memory: (run) => {
    for (const id of ["buffers", "heap", "program"]) {
      assert.equal(failureCode(run, id), "out_of_memory", `${id}: ${taskOf(run, id).error}`);
    }
    assert.match(taskOf(run, "buffers").error ?? "", /peak/);
  },
  writes_one_endless_line: async (run, stage) => {
    assert.equal(run.status, "completed");
    const output = await stage.output(run);
    assert.match(output.slice(-100), /\[output cut at \d+ MiB\]$/);
    assert.ok(output.length < 12 * 1024 ** 2, `${output.length} characters were kept`);
  },
  fills_the_disk: (run) => {
    assert.equal(failureCode(run, "one-file"), "file_too_large");
    for (const id of ["many-files", "temporary"]) {
      assert.equal(failureCode(run, id), "disk_full", `${id}: ${taskOf(run, id).error}`);
    }
  },
  sleeps_for_ever: (run) => {
    for (const id of ["shell", "deno"]) assert.equal(failureCode(run, id), "timeout");
  },
  imports_remote_code: (run, stage) => {
    allFailed(run);
    assert.equal(stage.connections, 0);
  },
  prints_a_secret_in_pieces: async (run, stage) => {
    const output = await stage.output(run);
    // Twice whole, in pieces, by characters from a shell and from Deno.
    assert.equal(output.split("\n").filter((line) => line === "<***>").length, 5, output);
    assert.deepEqual(taskOf(run, "outputs").outputs, { printed: "<***>" });
    assert.equal(taskOf(run, "error").error, "it was ***");
    const told = output + JSON.stringify(run);
    for (const part of partsOf(stage.secret)) {
      assert.ok(!told.includes(part), `${part} was shown:\n${told}`);
    }
    assert.deepEqual(taskOf(run, "looks").outputs, { found: "0", there: "" });
    const has = taskOf(run, "looks-and-has").outputs as Record<string, string> | null;
    assert.ok(Number(has?.["found"]) > 0, "who has it doesn't find it: it doesn't look");
    assert.equal(has?.["there"], "yes");
    assert.equal(failureCode(run, "deno-looks"), "permission_denied");
  },
  calls_native_code: (run) => assert.equal(failureCode(run, "ffi"), "permission_denied"),
};

/** Tasks that only control groups hold outside of walls, and walls only for an ordinary user. */
export const COUNTED: Readonly<Record<string, Expectation>> = {
  forks_without_end: async (run, stage) => {
    assert.equal(taskOf(run, "bomb").status, "failed");
    assert.match(await stage.output(run), /[Cc]annot fork|Resource temporarily unavailable/);
  },
};

/** Parts by which a secret is known: its two ends, and what is in its base64 at every alignment. */
function partsOf(secret: string): string[] {
  const encoded = [0, 1, 2].map((before) => btoa("x".repeat(before) + secret).slice(4, 20));
  return [secret.slice(0, 12), secret.slice(-12), ...encoded];
}

/** @param but tasks that may fail or not: what counts is what they did */
function allFailed(run: RunView, but: readonly string[] = []): void {
  for (const { task_id, status, outputs } of run.tasks ?? []) {
    if (but.includes(task_id)) continue;
    assert.equal(status, "failed", `${task_id} should have failed; it gave ${outputs}`);
  }
}

function absent(path: string): void {
  assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound, `${path} was written`);
}
