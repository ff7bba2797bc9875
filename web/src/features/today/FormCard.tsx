"use client";
import { lazy, Suspense, useState } from "react";
import { Figure, figuresOf } from "@/features/load/Figure";
import { formSentence, standing, told } from "@/features/load/form";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { useForm } from "./queries";

const FigureButton = lazy(() => import("@/features/load/FigureButton"));
const FormChart = lazy(() => import("./FormChart"));

const f = t.today.form;
const FIGURES = ["tsb", "ctl", "atl"];

/** Today's form in a sentence, its figures, and how it came about in six weeks. */
export function FormCard() {
  const [asTable, setAsTable] = useState(false);
  const load = useForm();
  return (
    <Card
      title={f.title}
      actions={
        <span className="flex items-center gap-4">
          {standing(load.data?.data ?? []) && (
            <Button onClick={() => setAsTable(!asTable)}>{asTable ? t.load.asChart : t.load.asTable}</Button>
          )}
          <Link href="/load" className="text-accent hover:underline">
            {f.more}
          </Link>
        </span>
      }
    >
      <Loaded of={load} rows={3}>
        {({ data, meta }) => {
          const days = told(data);
          if (!standing(days))
            return (
              <div className="flex flex-col items-start gap-3">
                <p className="text-pretty text-muted">{f.missing}</p>
                <LinkButton href="/thresholds">{t.load.toThresholds}</LinkButton>
              </div>
            );
          const figures = figuresOf(days);
          return (
            <>
              <p className="text-pretty">{formSentence(days)}</p>
              <ul className="-mx-2 mt-2 grid grid-cols-3 gap-1">
                {FIGURES.flatMap((key) => figures.filter((shown) => shown.key === key)).map((shown) => (
                  <li key={shown.key}>
                    <Suspense
                      fallback={
                        <div className="p-2">
                          <Figure shown={shown} />
                        </div>
                      }
                    >
                      <FigureButton
                        shown={shown}
                        formulas={meta.formulas}
                        className="rounded-lg p-2 -outline-offset-2!"
                      />
                    </Suspense>
                  </li>
                ))}
              </ul>
              <div className={asTable ? "-mx-5 mt-3 -mb-5 border-t border-line" : "mt-3 h-104"}>
                <Suspense fallback={<div className="skeleton h-full w-full" />}>
                  <FormChart days={days} asTable={asTable} />
                </Suspense>
              </div>
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
