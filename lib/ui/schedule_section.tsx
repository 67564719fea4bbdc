import type { JSX } from "preact";
import type { ScheduleAnswer } from "../schema/schedule_view.ts";
import { ScheduleText } from "./schedule_text.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** The schedule in force with its next times and its last ones; nothing where there is none. */
export function ScheduleSection({ answer, action, mayAct }: {
  answer: ScheduleAnswer;
  /** Where the form that switches it goes. */
  action: string;
  mayAct: boolean;
}): JSX.Element | null {
  const { dag } = useWords();
  const { schedule, times } = answer;
  if (schedule === null && times.length === 0) return null;
  return (
    <section aria-labelledby="schedule">
      <h2 id="schedule">{dag.schedule}</h2>
      {schedule !== null && (
        <div>
          <ScheduleText schedule={schedule} />
        </div>
      )}
      {schedule !== null && mayAct && (
        <form method="post" action={action} class="actions">
          <input type="hidden" name="enabled" value={schedule.enabled ? "no" : "yes"} />
          <button type="submit">{schedule.enabled ? dag.switchOff : dag.switchOn}</button>
        </form>
      )}
      {times.length > 0 && <Times times={times} />}
    </section>
  );
}

function Times({ times }: { times: ScheduleAnswer["times"] }): JSX.Element {
  const { dag, runs, facts, worker } = useWords();
  const heads = [dag.due, facts.version, dag.outcome, runs.run, worker.reason];
  return (
    <ScrollTable caption={dag.times} heads={heads}>
      {times.map((time) => (
        <tr role="row" key={time.scheduled_at}>
          <td role="cell" data-label={dag.due}>
            <TimeAgo time={time.scheduled_at} />
          </td>
          <td role="cell" data-label={facts.version}>{time.version}</td>
          <td role="cell" data-label={dag.outcome}>{dag.outcomes[time.outcome]}</td>
          <td role="cell" data-label={runs.run}>
            {time.run_id === null ? "–" : (
              <a href={`/runs/${encodeURIComponent(time.run_id)}`}>
                <code>…{time.run_id.slice(-12)}</code>
              </a>
            )}
          </td>
          <td role="cell" data-label={worker.reason} class="prose">
            {time.reason === null ? "" : visibleText(time.reason)}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
