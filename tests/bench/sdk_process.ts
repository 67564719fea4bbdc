/**
 * A process as a worker is one, with one of the two clients and nothing else: what it needs more with
 * matrix-js-sdk is what each worker would need more. Says when it is ready, and stays.
 */
if (Deno.args[0] === "sdk") {
  const { sdkRequest } = await import("../../lib/matrix/sdk_request.ts");
  sdkRequest({ homeserver: "http://127.0.0.1:9", token: "none" });
} else {
  const { fetchRequest } = await import("../../lib/matrix/fetch_request.ts");
  fetchRequest({ homeserver: "http://127.0.0.1:9", token: "none" });
}
await Deno.stdout.write(new TextEncoder().encode("ready\n"));
await new Promise((resolve) => setTimeout(resolve, 60_000));
