"use client";
import { today } from "@/features/calendar/month";
import { bandOf, standing } from "@/features/load/form";
import * as t from "@/texts/en";
import { adviceOf } from "./advice";
import { useForm, useRecovery } from "./queries";
import { recoveryOf, verdictOf } from "./recovery";

/** What today asks for; the cards below say why. */
export function AdviceLine() {
  const form = standing(useForm().data?.data ?? [])?.today.tsb;
  const night = recoveryOf(useRecovery().data?.data ?? []);
  const spoken = adviceOf(
    form == null ? null : bandOf(form),
    // A night that isn't the last one says nothing of today.
    night && night.date >= today() ? verdictOf(night).verdict : null,
  );
  if (!spoken) return null;
  return (
    <p className="text-pretty">
      <span className="block text-base font-medium">{t.today.advice[spoken.advice]}</span>
      <span className="text-muted">{t.today.adviceBy[spoken.by]}</span>
    </p>
  );
}
