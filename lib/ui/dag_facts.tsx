import type { JSX } from "preact";
import type { DagView } from "../schema/api.ts";
import { describeScopeSource, scopeKey, ScopeSource } from "../schema/scope.ts";
import { EnvList } from "./env_list.tsx";
import { Fact, Facts } from "./facts.tsx";
import { HashText } from "./hash_text.tsx";
import { LineCode } from "./line_code.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";

/** Everything about a version beside its tasks. */
export function DagFacts({ dag }: { dag: DagView }): JSX.Element {
  return (
    <Facts>
      <Fact name="Version">{dag.version}</Fact>
      <Fact name="Hash">
        <HashText hash={dag.spec_hash} />
      </Fact>
      <Fact name="Published">
        by {visibleText(dag.published_by)}, <TimeAgo time={dag.published_at} />
      </Fact>
      <Place dag={dag} />
      <Course dag={dag} />
    </Facts>
  );
}

function Place({ dag }: { dag: DagView }): JSX.Element {
  const { scope } = dag;
  const source = ScopeSource.safeParse(dag.scope_source);
  return (
    <>
      <Fact name="Scope">
        <code>{scopeKey(scope)}</code>
        <span class="remark">
          {source.success ? describeScopeSource(source.data, scope) : dag.scope_source}
        </span>
      </Fact>
      <Fact name="Worker">
        <code>{dag.worker_id}</code>
        {scope.type === "project" && !scope.reuse_worker && ", a new one for each run"}
      </Fact>
      <Fact name="Priority">{dag.priority}</Fact>
      <Fact name="Node">{dag.target_node ?? "this one"}</Fact>
    </>
  );
}

function Course({ dag: { spec, schedule } }: { dag: DagView }): JSX.Element {
  return (
    <>
      <Fact name="Succeeds if">{POLICIES[spec.policy]}</Fact>
      {spec.schedule !== undefined && (
        <Fact name="Schedule">
          <LineCode text={JSON.stringify(spec.schedule)} />
          {schedule && <NextRuns schedule={schedule} />}
        </Fact>
      )}
      <Fact name="At once">{`up to ${spec.max_parallel} tasks`}</Fact>
      <Fact name="Timeout">{spec.timeout ?? "none"}</Fact>
      {Object.keys(spec.env).length > 0 && (
        <Fact name="Environment">
          <EnvList env={spec.env} />
        </Fact>
      )}
    </>
  );
}

function NextRuns({ schedule }: { schedule: NonNullable<DagView["schedule"]> }): JSX.Element {
  if (!schedule.enabled) return <span class="remark">It is switched off.</span>;
  return (
    <span class="remark">
      {schedule.in_force ? "Next: " : "Next, once it is confirmed: "}
      {schedule.next_runs.map((time, at) => (
        <>
          {at > 0 && ", "}
          <time dateTime={time}>{time.replace("T", " ").replace(".000Z", "Z")}</time>
        </>
      ))}
    </span>
  );
}

const POLICIES = {
  all_success: "every task succeeds",
  first_success: "one task succeeds",
  allow_debt: "every task succeeds or is left as debt",
} as const;
