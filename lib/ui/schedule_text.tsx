import type { JSX } from "preact";
import type { ScheduleView } from "../schema/schedule_view.ts";
import { TimeAgo } from "./time_ago.tsx";
import { useWords } from "./words/words.ts";

/** When a DAG starts by itself, and its next three times. */
export function ScheduleText({ schedule }: { schedule: ScheduleView }): JSX.Element {
  const { facts } = useWords();
  return (
    <>
      <code>{schedule.cron}</code> <span class="quiet">{schedule.timezone}</span>
      <span class="remark">{facts.overlap[schedule.overlap]}</span>
      {schedule.enabled
        ? <NextRuns schedule={schedule} />
        : <span class="remark">{facts.off}</span>}
    </>
  );
}

function NextRuns({ schedule }: { schedule: ScheduleView }): JSX.Element {
  const { facts } = useWords();
  return (
    <>
      <span class="remark">{schedule.in_force ? facts.next : facts.nextOnceConfirmed}</span>
      <ul class="plain">
        {schedule.next_runs.map((time) => (
          <li key={time}>
            <time dateTime={time}>{time.replace("T", " ").replace(".000Z", "Z")}</time>{" "}
            <span class="quiet">
              (<TimeAgo time={time} />)
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
