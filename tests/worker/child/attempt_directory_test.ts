/** When a directory is used again as it is, and when it has to be emptied first. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AttemptDirectory } from "../../../lib/worker/child/attempt_directory.ts";

/** Longer than a second, in which the times of changes are told. */
const OLD_MS = 1_200;

/** What tasks do to their directory, none of which may be there for the next one. */
const DEEDS: Readonly<Record<string, (directory: AttemptDirectory) => void>> = {
  "leaves outputs": ({ path }) => Deno.writeTextFileSync(join(path, "outputs"), "n=1"),
  "leaves a file in its temporary directory": ({ temp }) =>
    Deno.writeTextFileSync(join(temp, "a"), "a"),
  "removes what it left": ({ temp }) => {
    Deno.writeTextFileSync(join(temp, "a"), "a");
    Deno.removeSync(join(temp, "a"));
  },
  "writes other inputs of the same size": ({ inputs }) => Deno.writeTextFileSync(inputs, "[]"),
  "and sets the time of that back": ({ inputs }) => {
    const { atime, mtime } = Deno.statSync(inputs);
    Deno.writeTextFileSync(inputs, "[]");
    Deno.utimeSync(inputs, atime ?? 0, mtime ?? 0);
  },
  "opens its inputs to others": ({ inputs }) => Deno.chmodSync(inputs, 0o666),
  "gives its inputs a second name": ({ inputs, path }) =>
    Deno.linkSync(inputs, join(path, "..", "second-name")),
  "puts other inputs in their place": ({ inputs, path }) => {
    Deno.writeTextFileSync(join(path, "new"), "{}");
    Deno.renameSync(join(path, "new"), inputs);
  },
  "removes its inputs": ({ inputs }) => Deno.removeSync(inputs),
  "opens its temporary directory to others and closes it again": ({ temp }) => {
    Deno.chmodSync(temp, 0o777);
    Deno.chmodSync(temp, 0o700);
  },
};

/** A directory of its own for each name, old enough to tell, in which an attempt has begun. */
async function withDirectories(
  names: readonly string[],
  use: (directories: ReadonlyMap<string, AttemptDirectory>) => void,
  age = OLD_MS,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    const directories = new Map(names.map((name, at) => {
      Deno.mkdirSync(join(dir, `${at}`));
      return [name, new AttemptDirectory(join(dir, `${at}`, "attempt"))];
    }));
    await new Promise((resolve) => setTimeout(resolve, age));
    for (const directory of directories.values()) directory.begin({});
    use(directories);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function contentOf({ path, temp, inputs }: AttemptDirectory): unknown {
  return {
    names: [...Deno.readDirSync(path)].map(({ name }) => name).sort(),
    left: [...Deno.readDirSync(temp)].length,
    inputs: Deno.readTextFileSync(inputs),
    modes: [path, temp, inputs].map((each) => (Deno.lstatSync(each).mode ?? 0) & 0o7777),
    names_of_inputs: Deno.lstatSync(inputs).nlink,
  };
}

const EMPTIED = {
  names: ["inputs.json", "tmp"],
  left: 0,
  inputs: "{}",
  modes: [0o700, 0o700, 0o600],
  names_of_inputs: 1,
};

Deno.test("whatever a task does to its directory is noticed, and undone", async (t) => {
  await withDirectories(Object.keys(DEEDS), (directories) => {
    for (const [name, deed] of Object.entries(DEEDS)) {
      const directory = directories.get(name);
      assert.ok(directory !== undefined);
      assert.deepEqual(contentOf(directory), EMPTIED, name);
      deed(directory);
      assert.equal(directory.isUntouched(), false, name);
      assert.equal(directory.empty(), true, name);
      assert.deepEqual(contentOf(directory), EMPTIED, name);
    }
  });
  await t.step("what only reads leaves it untouched", async () => {
    await withDirectories(["reads"], (directories) => {
      for (const directory of directories.values()) {
        contentOf(directory);
        assert.equal(directory.isUntouched(), true);
      }
    });
  });
});

Deno.test("soon after a directory was made nothing is certain, and all is undone", async () => {
  await withDirectories(Object.keys(DEEDS), (directories) => {
    for (const [name, deed] of Object.entries(DEEDS)) {
      const directory = directories.get(name);
      assert.ok(directory !== undefined);
      deed(directory);
      assert.equal(directory.isUntouched(), false, name);
      assert.equal(directory.empty(), true, name);
      assert.deepEqual(contentOf(directory), EMPTIED, name);
    }
  }, 0);
});

Deno.test("a directory that attempts leave alone one soon after the other becomes certain", async () => {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    const directory = new AttemptDirectory(join(dir, "attempt"));
    const until = performance.now() + OLD_MS;
    while (performance.now() < until) {
      directory.begin({});
      assert.ok(directory.isUntouched() || directory.empty());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    directory.begin({});
    assert.equal(directory.isUntouched(), true);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("inputs are for one attempt", async () => {
  await withDirectories(["a"], (directories) => {
    for (const directory of directories.values()) {
      directory.begin({ before: { n: "1" } });
      assert.equal(Deno.readTextFileSync(directory.inputs), '{"before":{"n":"1"}}');
      assert.equal(directory.isUntouched(), false);
      assert.equal(directory.empty(), true);
      assert.deepEqual(contentOf(directory), EMPTIED);
    }
  });
});

Deno.test("a directory that a task has made something else of isn't used again", async () => {
  await withDirectories(["link", "open"], (directories) => {
    const link = directories.get("link");
    const open = directories.get("open");
    assert.ok(link !== undefined && open !== undefined);
    Deno.renameSync(link.path, `${link.path}-moved`);
    Deno.symlinkSync("/", link.path);
    Deno.chmodSync(open.path, 0o755);
    for (const directory of [link, open]) {
      assert.equal(directory.isUntouched(), false);
      assert.equal(directory.empty(), false);
    }
  });
});
