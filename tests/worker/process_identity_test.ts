import assert from "node:assert/strict";
import { isAlive, leadsGroup, processIdentity } from "../../lib/worker/process_identity.ts";

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["60"], stdin: "null" }).spawn();
}

/** The boot and the moment that a process is told by. */
function partsOf({ pid }: Deno.ChildProcess): [boot: string, start: number] {
  const [boot, start] = (processIdentity(pid) ?? "").split("/");
  assert.equal(boot, Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim());
  return [boot ?? "", Number(start)];
}

Deno.test("a process is alive until it has ended", async () => {
  const child = sleeper();
  const start = processIdentity(child.pid) ?? null;
  assert.ok(start !== null, "this system has no /proc/<pid>/stat; on Linux, mount /proc");
  assert.ok(isAlive(child.pid, start));
  child.kill("SIGKILL");
  await child.status;
  assert.equal(processIdentity(child.pid), undefined);
  assert.ok(!isAlive(child.pid, start));
});

Deno.test("a process that got the pid of an earlier one is another", async () => {
  const child = sleeper();
  try {
    const [boot, start] = partsOf(child);
    // As if the process that was noted under this pid had been started at another time, or in
    // another boot, or by a version that knew only the time.
    const others = [start - 1, start + 1, 0].map((time) => `${boot}/${time}`);
    for (const noted of [...others, `${crypto.randomUUID()}/${start}`, String(start)]) {
      assert.ok(!isAlive(child.pid, noted), noted);
    }
    assert.ok(!isAlive(child.pid, processIdentity(Deno.pid) ?? null));
    assert.ok(!isAlive(child.pid, null));
    assert.ok(!isAlive(null, `${boot}/${start}`));
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
    while (processIdentity(pid) !== undefined) {
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
    const [[boot, start], [sameBoot, later]] = [partsOf(child), partsOf(other)];
    assert.equal(boot, sameBoot);
    assert.ok(start > 0);
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

Deno.test("who leads a process group of its own is told from who is in another's", async () => {
  const leader = new Deno.Command("sleep", { args: ["60"], stdin: "null", detached: true }).spawn();
  const member = sleeper();
  try {
    assert.deepEqual([leadsGroup(leader.pid), leadsGroup(member.pid)], [true, false]);
  } finally {
    for (const one of [leader, member]) {
      one.kill("SIGKILL");
      await one.status;
    }
  }
  assert.equal(leadsGroup(leader.pid), false);
});
