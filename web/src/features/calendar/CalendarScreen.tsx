"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import { AthletesOr } from "@/features/athletes/AthletesOr";
import { sum } from "@/features/today/week";
import { WORKOUT_TABS } from "@/features/workouts/tabs";
import { useAthlete } from "@/lib/athlete";
import { cx } from "@/lib/classes";
import { number } from "@/lib/format";
import { useMedia } from "@/lib/media";
import { useQueryState } from "@/lib/nav";
import { useShortcuts } from "@/lib/shortcuts";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { SectionNav } from "@/ui/SectionNav";
import { CalendarSkeleton } from "./CalendarSkeleton";
import { MOST } from "./calls";
import { EmptyMonth } from "./EmptyMonth";
import { MonthTable } from "./MonthTable";
import { addressOf, byDay, localDay, monthAsked, monthName, plusMonths, today, weeksOf } from "./month";
import { useDays } from "./queries";
import { SumLine } from "./Sums";
import { WeekList } from "./WeekList";

const c = t.calendar;

/** A month, week by week. Which one stands in the address. */
export function CalendarScreen() {
  const [address, setAddress] = useQueryState();
  const athlete = useAthlete();
  const month = monthAsked(address.month);
  const weeks = useMemo(() => weeksOf(month), [month]);
  const days = useDays(weeks[0]?.[0] ?? "", weeks.at(-1)?.at(-1) ?? "", athlete);
  const wide = useMedia("(min-width: 1024px)");
  const show = (other: string) => setAddress({ month: addressOf(other) });
  const step = (months: number) => show(plusMonths(month, months));
  const toNow = () => setAddress({ month: "" });
  useShortcuts({ n: () => step(1), p: () => step(-1), t: toNow });
  const shown = days.isPlaceholderData ? undefined : days.data;
  const grid = useMemo(() => byDay(days.data?.workouts ?? []), [days.data]);
  const ofMonth = shown?.workouts.filter((one) => localDay(one).startsWith(month));
  const Weeks = wide ? MonthTable : WeekList;
  return (
    <>
      <AthletesOr athlete={athlete}>
        <PageHeader title={c.title} />
        <SectionNav label={c.tabs} items={WORKOUT_TABS} />
      </AthletesOr>
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="flex items-center gap-1">
          <IconButton label={c.previous} look="secondary" onClick={() => step(-1)}>
            <ChevronLeft size={18} aria-hidden />
          </IconButton>
          <IconButton label={c.next} look="secondary" onClick={() => step(1)}>
            <ChevronRight size={18} aria-hidden />
          </IconButton>
        </div>
        <h2 aria-live="polite" className="text-base sm:min-w-40 font-semibold">
          {monthName(month)}
        </h2>
        <Button disabled={today().startsWith(month)} onClick={toNow} className="max-sm:ml-auto">
          {c.now}
        </Button>
        <p className="figures min-h-5 w-full text-muted sm:ml-auto sm:w-auto">
          {ofMonth && ofMonth.length > 0 && <SumLine of={sum(ofMonth)} />}
        </p>
      </div>
      {days.isError && <ProblemNotice error={days.error} onRetry={() => void days.refetch()} />}
      {days.isPending && <CalendarSkeleton weeks={weeks.length} />}
      {days.data?.cut && <p className="mb-3 text-warn">{c.cut(number(MOST))}</p>}
      {shown?.workouts.length === 0 ? (
        <EmptyMonth month={month} athlete={athlete} onShow={show} />
      ) : (
        days.data && (
          <div aria-busy={!shown} className={cx(!shown && "opacity-60")}>
            <Weeks month={month} weeks={weeks} days={grid} athlete={athlete} />
          </div>
        )
      )}
    </>
  );
}
