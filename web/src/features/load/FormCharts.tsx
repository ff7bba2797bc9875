"use client";
import { useState } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import type { LoadDay } from "./calls";
import { DayTable } from "./DayTable";
import { FormPanels } from "./FormPanels";
import { formSentence } from "./form";

const l = t.load;

/** Load, fitness, fatigue and form over time, as charts or as a table. */
export default function FormCharts({ days }: { days: readonly LoadDay[] }) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Card
      title={l.form.title}
      lead={formSentence(days)}
      flush={asTable}
      actions={<Button onClick={() => setAsTable(!asTable)}>{asTable ? l.asChart : l.asTable}</Button>}
    >
      {asTable ? <DayTable days={days} /> : <FormPanels days={days} />}
    </Card>
  );
}
