"use client";
import { useNames } from "@/features/access/names";
import { addressFor } from "@/lib/athlete";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { SectionNav } from "@/ui/SectionNav";

const PAGES = [
  ["/calendar", t.calendar.title],
  ["/workouts", t.workouts.title],
  ["/load", t.load.title],
  ["/biometrics", t.body.title],
] as const;

/** Whose pages these are, and the ways between them and back to all athletes. */
export default function AthleteHead({ athlete }: { athlete: string }) {
  const name = useNames()(athlete);
  return (
    <>
      <PageHeader title={name} lead={t.athletes.sharedWithYou}>
        <LinkButton href="/athletes">{t.athletes.all}</LinkButton>
      </PageHeader>
      <SectionNav
        label={t.athletes.pages}
        items={PAGES.map(([href, title]) => [addressFor(href, athlete), title] as const)}
      />
    </>
  );
}
