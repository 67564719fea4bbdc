/** The real `curl`. */

export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Runs curl with these arguments and waits for its end, for at most 30 s. */
export async function curl(...args: readonly (readonly string[])[]): Promise<CurlAnswer> {
  const always = ["--silent", "--show-error", "--max-time", "30", "--noproxy", "*"];
  const command = new Deno.Command("curl", {
    args: [...always, "--write-out", "\n%{http_code}", ...args.flat()],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  let ended: Deno.CommandOutput;
  try {
    ended = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("this test needs curl; install it, as with: apt-get install curl");
  }
  const decoder = new TextDecoder();
  const text = decoder.decode(ended.stdout);
  if (!ended.success) throw new Error(`curl: ${decoder.decode(ended.stderr)}`);
  const end = text.lastIndexOf("\n");
  return { status: Number(text.slice(end + 1)), body: text.slice(0, end) };
}
