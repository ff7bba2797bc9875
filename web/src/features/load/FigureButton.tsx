"use client";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { Popover } from "@/ui/Popover";
import type { Formulas } from "./calls";
import { Figure, type Shown } from "./Figure";
import { FormulaCard } from "./FormulaCard";

type Props = { shown: Shown; formulas: Formulas; className: string };

/** A figure that opens how it is made. */
export default function FigureButton({ shown, formulas, className }: Props) {
  return (
    <Popover
      title={t.load.names[shown.key] ?? shown.key}
      wide
      trigger={
        <button
          type="button"
          className={cx("flex h-full w-full flex-col text-left hover:bg-sunken", className)}
        />
      }
      content={<Figure shown={shown} />}
    >
      <FormulaCard metric={shown.metric} formula={formulas[shown.metric]} />
    </Popover>
  );
}
