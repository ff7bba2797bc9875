"use client";
import { useLastWorkouts } from "@/features/today/queries";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { localDay, monthName } from "./month";

const c = t.calendar;

type Props = { month: string; athlete: string; onShow(month: string): void };

/** A month without workouts: where the last one is, or how to bring the first. */
export function EmptyMonth({ month, athlete, onShow }: Props) {
  const last = useLastWorkouts(athlete);
  return (
    <Loaded of={last} rows={3}>
      {({ data: [latest] }) => {
        if (!latest && athlete)
          return <Empty title={c.emptyTitle(monthName(month))} text={t.athletes.noWorkouts} />;
        if (!latest)
          return (
            <Empty title={c.emptyTitle(monthName(month))} text={c.nothingText}>
              <span className="flex flex-wrap gap-2">
                <LinkButton href="/sources" look="primary">
                  {c.connect}
                </LinkButton>
                <LinkButton href="/uploads">{c.upload}</LinkButton>
              </span>
            </Empty>
          );
        const of = localDay(latest).slice(0, 7);
        return (
          <Empty title={c.emptyTitle(monthName(month))} text={c.emptyText}>
            <Button look="primary" onClick={() => onShow(of)}>
              {c.goToLast(monthName(of))}
            </Button>
          </Empty>
        );
      }}
    </Loaded>
  );
}
