import assert from "node:assert/strict";
import { join } from "node:path";
import { type FrameListeners, FrameSocket, MAX_FRAME } from "../../lib/matrix/frame_socket.ts";
import type { FrameSocketOptions } from "../../lib/matrix/frame_socket.ts";
import { within } from "../helpers/deadline.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

/** Runs `use` with a socket under test and the bare connection at its other end. */
async function withSocket(
  { listeners, options }: { listeners: FrameListeners; options?: FrameSocketOptions },
  use: (socket: FrameSocket, other: Deno.Conn) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    using listener = Deno.listen({ transport: "unix", path: join(dir, "test.sock") });
    const [conn, other] = await Promise.all([
      listener.accept(),
      Deno.connect({ transport: "unix", path: join(dir, "test.sock") }),
    ]);
    const socket = new FrameSocket(conn, listeners, options);
    try {
      await use(socket, other);
    } finally {
      socket.close();
      other.close();
    }
  });
}

async function write(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Counts frames and says when there are enough. */
class Counter {
  count = 0;
  readonly reached = Promise.withResolvers<void>();
  readonly #goal: number;

  constructor(goal: number) {
    this.#goal = goal;
  }

  take(): void {
    if (++this.count === this.#goal) this.reached.resolve();
  }
}

Deno.test("frames beyond those of a window wait for the next, none is lost or overtaken", async () => {
  const seen: string[] = [];
  const counter = new Counter(500);
  const onFrame = (text: string): void => {
    seen.push(text);
    counter.take();
  };
  const listeners = { onFrame, onClose: () => {} };
  await withSocket({ listeners, options: { maxPerWindow: 100 } }, async (_, other) => {
    const frames = Array.from({ length: 500 }, (_, index) => String(index));
    const begin = performance.now();
    await write(other, `${frames.join("\n")}\n`);
    await within(counter.reached.promise, "500 frames");
    // Five windows of 50 ms, of which the first may begin as late as the last of its frames.
    assert.ok(performance.now() - begin >= 195);
    assert.deepEqual(seen, frames);
  });
});

Deno.test("reading waits while too many frames are in hand", async () => {
  const counter = new Counter(200);
  const waiting: (() => void)[] = [];
  let most = 0;
  const listeners = {
    onFrame: () => {
      counter.take();
      return new Promise<void>((resolve) => {
        most = Math.max(most, waiting.push(resolve));
        // Handled a few at a time, each in a later turn.
        setTimeout(() => waiting.shift()?.(), 0);
      });
    },
    onClose: () => {},
  };
  await withSocket({ listeners }, async (_, other) => {
    await write(other, "frame\n".repeat(200));
    await within(counter.reached.promise, "200 frames");
    assert.ok(most <= 64, `${most} were in hand`);
  });
});

Deno.test("who doesn't read what it is sent is not listened to meanwhile", async () => {
  const counter = new Counter(10_000);
  const answer = "x".repeat(9_999);
  let socket: FrameSocket | undefined;
  let read = 0;
  let most = 0;
  const listeners = {
    onFrame: () => {
      socket?.send(answer);
      counter.take();
      most = Math.max(most, counter.count * 10_000 - read);
    },
    onClose: () => {},
  };
  await withSocket({ listeners, options: { maxUnsent: 100_000 } }, async (own, other) => {
    socket = own;
    await write(other, "question\n".repeat(10_000));
    const buffer = new Uint8Array(64 * 1024);
    while (read < 10_000 * 10_000) {
      read += await within(other.read(buffer), "the answers") ?? assert.fail("it was closed");
    }
    assert.equal(counter.count, 10_000);
    // What the system itself keeps between the two comes on top; all would be 100 MB.
    assert.ok(most < 5_000_000, `${most} bytes were under way`);
  });
});

Deno.test("a frame that is too long is told of, then the connection is closed", async () => {
  const events: string[] = [];
  const closed = Promise.withResolvers<void>();
  const listeners = {
    onFrame: () => void events.push("frame"),
    onOversize: () => void events.push("oversize"),
    onClose: () => closed.resolve(),
  };
  await withSocket({ listeners }, async (_, other) => {
    await write(other, "x".repeat(MAX_FRAME + 200_000)).catch(() => {
      // It was closed before all was written.
    });
    await within(closed.promise, "the close");
    assert.deepEqual(events, ["oversize"]);
  });
});

Deno.test("of somebody who is trusted, a frame is taken however long it is", async () => {
  const seen: number[] = [];
  const counter = new Counter(2);
  const onFrame = (text: string): void => {
    seen.push(text.length);
    counter.take();
  };
  const listeners = { onFrame, onOversize: () => void seen.push(-1), onClose: () => {} };
  await withSocket({ listeners, options: { maxFrame: Infinity } }, async (_, other) => {
    await write(other, `${"x".repeat(3 * MAX_FRAME)}\nshort\n`);
    await within(counter.reached.promise, "both frames");
    assert.deepEqual(seen, [3 * MAX_FRAME, "short".length]);
  });
});
