/** A `deno` task's module: reads a CSV file of the workspace (no quotes, first line has the names). */
export default async function readCsv(
  { args }: { readonly args: { readonly file: string } },
): Promise<{ rows: Record<string, string>[] }> {
  const [header = "", ...lines] = (await Deno.readTextFile(args.file)).trim().split("\n");
  const names = header.split(",");
  const rows = lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
  });
  return { rows };
}
