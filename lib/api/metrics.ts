/** The node in numbers, as Prometheus reads them (text format 0.0.4). */
import type { Node } from "../node.ts";

/** All metrics. What is stored is counted there, so those counts survive restarts. */
export function metricsText(node: Node): string {
  const memory = Deno.memoryUsage();
  return [
    gauge("cis_runs", "Runs by status.", count(node, "dag_runs")),
    gauge("cis_dag_versions", "Published versions by status.", count(node, "dag_specs")),
    gauge("cis_workers", "Workers by status.", count(node, "workers")),
    gauge("cis_task_attempts", "Attempts by status.", count(node, "task_attempts")),
    counter(
      "cis_refused_requests_total",
      "Requests answered with an error since the start, by its code.",
      node.refusals.counts().map(([code, n]) => [`{code="${code}"}`, n]),
    ),
    gauge("cis_node_resident_bytes", "Resident memory of the node.", [["", memory.rss]]),
  ].join("");
}

type Sample = readonly [labels: string, value: number];

/** Tables that have a `status`; a fixed list, never what somebody sent. */
type StatusTable = "dag_runs" | "dag_specs" | "workers" | "task_attempts";

function count(node: Node, table: StatusTable): Sample[] {
  return node.db.all<{ status: string; n: number }>(
    `SELECT status, count(*) AS n FROM ${table} GROUP BY status ORDER BY status`,
  ).map(({ status, n }) => [`{status="${status}"}`, n]);
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return metric(name, help, { type: "gauge", samples });
}

function counter(name: string, help: string, samples: readonly Sample[]): string {
  return metric(name, help, { type: "counter", samples });
}

function metric(
  name: string,
  help: string,
  { type, samples }: { type: "gauge" | "counter"; samples: readonly Sample[] },
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}
