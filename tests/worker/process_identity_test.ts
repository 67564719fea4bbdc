import assert from "node:assert/strict";
import { isAlive, processStart } from "../../lib/worker/process_identity.ts";

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["60"], stdin: "null" }).spawn();
}

Deno.test("a process is alive until it has ended", async () => {
  const child = sleeper();
  const start = processStart(child.pid) ?? null;
  assert.ok(start !== null, "this system has no /proc/<pid>/stat; on Linux, mount /proc");
  assert.ok(isAlive(child.pid, start));
  child.kill("SIGKILL");
  await child.status;
  assert.equal(processStart(child.pid), undefined);
  assert.ok(!isAlive(child.pid, start));
});

Deno.test("a process that got the pid of an earlier one is another", async () => {
  const child = sleeper();
  try {
    const start = Number(processStart(child.pid));
    // As if the process that was noted under this pid had been started at another time.
    for (const noted of [start - 1, start + 1, 0]) assert.ok(!isAlive(child.pid, String(noted)));
    assert.ok(!isAlive(child.pid, processStart(Deno.pid) ?? null));
    assert.ok(!isAlive(child.pid, null));
    assert.ok(!isAlive(null, String(start)));
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("one that has ended and nobody has asked after is not alive", async () => {
  // The shell becomes a sleep that never waits for its child, so that stays a zombie.
  const parent = new Deno.Command("/bin/sh", {
    args: ["-c", "sleep 0.1 & echo $!; exec sleep 60"],
    stdout: "piped",
  }).spawn();
  try {
    const reader = parent.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    assert.ok(pid > 1);
    const deadline = Date.now() + 10_000;
    while (processStart(pid) !== undefined) {
      assert.ok(Date.now() < deadline, "the zombie counts as alive");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.match(Deno.readTextFileSync(`/proc/${pid}/stat`), / Z /);
    await reader.cancel();
  } finally {
    parent.kill("SIGKILL");
    await parent.status;
  }
});

Deno.test("a name with brackets and blanks doesn't confuse", async () => {
  const dir = await Deno.makeTempDir();
  const program = `${dir}/a) Z 1 (b`;
  await Deno.copyFile("/bin/sleep", program);
  await Deno.chmod(program, 0o755);
  const child = new Deno.Command(program, { args: ["60"] }).spawn();
  const other = sleeper();
  try {
    const [start, later] = [processStart(child.pid), processStart(other.pid)].map(Number);
    assert.ok(start !== undefined && later !== undefined && start > 0);
    // Both were started within the same few seconds; the kernel counts in hundredths.
    assert.ok(Math.abs(later - start) < 30 * 100, `${start} ${later}`);
  } finally {
    for (const one of [child, other]) {
      one.kill("SIGKILL");
      await one.status;
    }
    await Deno.remove(dir, { recursive: true });
  }
});
