import type { JSX } from "preact";
import type { DagView } from "../schema/api.ts";
import type { Language } from "../schema/language.ts";
import { describeScopeSource, type Scope, scopeKey, ScopeSource } from "../schema/scope.ts";
import { EnvList } from "./env_list.tsx";
import { Fact, Facts } from "./facts.tsx";
import { HashText } from "./hash_text.tsx";
import { LineCode } from "./line_code.tsx";
import { ScheduleText } from "./schedule_text.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";
import { zhScopeSource } from "./words/zh_permissions.ts";

/** Everything about a version beside its tasks. */
export function DagFacts({ dag }: { dag: DagView }): JSX.Element {
  const { facts } = useWords();
  return (
    <Facts>
      <Fact name={facts.version}>{dag.version}</Fact>
      <Fact name={facts.hash}>
        <HashText hash={dag.spec_hash} />
      </Fact>
      <Fact name={facts.published}>
        {/* One element: text beside others would be escaped twice. */}
        <span>
          {facts.by(visibleText(dag.published_by))} <TimeAgo time={dag.published_at} />
        </span>
      </Fact>
      <Place dag={dag} />
      <Course dag={dag} />
    </Facts>
  );
}

function Place({ dag }: { dag: DagView }): JSX.Element {
  const { facts, language } = useWords();
  const { scope } = dag;
  const source = ScopeSource.safeParse(dag.scope_source);
  return (
    <>
      <Fact name={facts.scope}>
        <code>{scopeKey(scope)}</code>
        <span class="remark">
          {source.success ? sourceText(source.data, scope, language) : dag.scope_source}
        </span>
      </Fact>
      <Fact name={facts.worker}>
        <code>{dag.worker_id}</code>
        {scope.type === "project" && !scope.reuse_worker && facts.newEachRun}
      </Fact>
      <Fact name={facts.priority}>{facts.priorities[dag.priority]}</Fact>
      <Fact name={facts.node}>{dag.target_node ?? facts.thisNode}</Fact>
    </>
  );
}

/** Why it has its scope. */
function sourceText(source: ScopeSource, scope: Scope, language: Language): string {
  return language === "zh"
    ? zhScopeSource(source, scopeKey(scope))
    : describeScopeSource(source, scope);
}

function Course({ dag: { spec, schedule, permissions } }: { dag: DagView }): JSX.Element {
  const { facts } = useWords();
  return (
    <>
      <Fact name={facts.succeedsIf}>{facts.policies[spec.policy]}</Fact>
      {schedule !== null && (
        <Fact name={facts.schedule}>
          <ScheduleText schedule={schedule} />
        </Fact>
      )}
      <Fact name={facts.atOnce}>{facts.upTo(spec.max_parallel)}</Fact>
      <Fact name={facts.timeout}>{spec.timeout ?? facts.none}</Fact>
      {permissions.secrets.length > 0 && (
        <Fact name={facts.secrets}>
          <LineCode text={permissions.secrets.join(", ")} />
        </Fact>
      )}
      {Object.keys(spec.env).length > 0 && (
        <Fact name={facts.environment}>
          <EnvList env={spec.env} />
        </Fact>
      )}
    </>
  );
}
