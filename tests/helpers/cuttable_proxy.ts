/** Stands between a browser and a server, and can cut every connection as a bad network does. */

/** A proxy on a loopback port. */
export interface CuttableProxy {
  readonly port: number;
  /** How many connections are open. */
  readonly open: number;
  /** Ends every open connection at once; new ones go through. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens a proxy before a port of this machine. */
export function openProxy(targetPort: number): CuttableProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pairs = new Set<Disposable>();
  const accepting = accept();

  async function accept(): Promise<void> {
    for await (const client of listener) void serve(client);
  }

  async function serve(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
    const pair = { [Symbol.dispose]: () => [client, server].forEach(close) };
    pairs.add(pair);
    const ways = [
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ];
    // A connection that is cut ends both ways with an error, which is the point of it.
    await Promise.race(ways.map((way) => way.catch(() => undefined)));
    pair[Symbol.dispose]();
    pairs.delete(pair);
    await Promise.allSettled(ways);
  }

  function cut(): void {
    for (const pair of pairs) pair[Symbol.dispose]();
  }

  return {
    port: listener.addr.port,
    get open(): number {
      return pairs.size;
    },
    cut,
    close: async () => {
      listener.close();
      cut();
      await accepting;
    },
  };
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
