/** The two versions that the page of a DAG compares. */
import { type Client, dataOf } from "../../../../../../lib/api/client.ts";
import { CisError } from "../../../../../../lib/errors.ts";
import type { DagView } from "../../../../../../lib/schema/api.ts";
import type { Compared } from "../../../../../../lib/ui/version_compare.tsx";

/**
 * Loads the versions that `?from=&to=` names: without them the newest and the one before.
 * @returns undefined where there is one version only
 * @throws {CisError} `invalid_request` for what is no version
 */
export async function loadCompared(
  api: Client,
  newest: DagView,
  url: URL,
): Promise<Compared | undefined> {
  const to = versionIn(url, "to") ?? newest.version;
  const from = versionIn(url, "from") ?? to - 1;
  if (from < 1) return undefined;
  const load = async (version: number): Promise<DagView> =>
    version === newest.version ? newest : dataOf(await api.getDag(newest.dag_id, { version }));
  return { from: await load(from), to: await load(to) };
}

function versionIn(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null || text === "") return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CisError("invalid_request", `${name}: "${text}" is no version`);
}
