"use client";
import { lazy, Suspense, useMemo } from "react";
import { bandOf, formSentence, standing, told } from "@/features/load/form";
import { useLoad } from "@/features/load/queries";
import { windowOf } from "@/features/load/range";
import { number } from "@/lib/format";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";

const Sparkline = lazy(() => import("./Sparkline"));

const f = t.today.form;

/** Today's form in a sentence, a figure and the line of six weeks. */
export function FormCard() {
  const window = useMemo(() => windowOf("42"), []);
  const load = useLoad(window);
  return (
    <Card
      title={f.title}
      actions={
        <Link href="/load" className="text-accent hover:underline">
          {f.more}
        </Link>
      }
    >
      <Loaded of={load} rows={2}>
        {({ data }) => {
          const days = told(data);
          const form = standing(days)?.today.tsb;
          if (form == null)
            return (
              <div className="flex flex-col items-start gap-3">
                <p className="text-pretty text-muted">{f.missing}</p>
                <LinkButton href="/thresholds">{t.load.toThresholds}</LinkButton>
              </div>
            );
          return (
            <>
              <p className="text-pretty">{formSentence(days)}</p>
              <div className="mt-2 flex items-end gap-5">
                <p className="shrink-0">
                  <span className="figures block text-2xl font-semibold">{number(form)}</span>
                  <span className="text-xs text-muted">{t.load.form.bands[bandOf(form)]}</span>
                </p>
                <div className="h-20 min-w-0 flex-1">
                  <Suspense>
                    <Sparkline days={days} />
                  </Suspense>
                </div>
              </div>
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
