"use client";
import { useState } from "react";
import { isProblem } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { setThreshold, type Value } from "./calls";
import { isLifelong, nameOf, parsed, type SingleKind, typedOf, unitOf } from "./kinds";
import { useChange } from "./queries";

const h = t.thresholds;

type Props = { kind: SingleKind; value: Value | null; onClose(): void };

/** Sets a threshold from a day on. */
export default function SetDialog({ kind, value, onClose }: Props) {
  const { units } = usePreferences();
  const name = nameOf(kind);
  const [typed, setTyped] = useState(() => typedOf(kind, value, units));
  const [from, setFrom] = useState(() => new Date().toISOString().slice(0, 10));
  const [refused, setRefused] = useState<string | null>(null);
  const set = useChange(setThreshold, () => [h.saved(name), h.savedText]);
  const unit = unitOf(kind, units);
  const fault = isProblem(set.error) ? set.error.fields : {};
  const onSubmit = (event: React.FormEvent) => {
    event.preventDefault();
    const meant = parsed(kind, typed, units);
    if (meant === null) return setRefused(kind === "threshold_speed_mps" ? h.notAPace : h.notANumber);
    setRefused(null);
    set.mutate({ kind, value: meant, from: isLifelong(kind) ? null : from }, { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} title={value === null ? h.setOf(name) : h.changeOf(name)}>
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        <p className="text-muted">{h.meaning[kind]}</p>
        {kind === "sex" ? (
          <Choices
            label={h.plainValue}
            hideLabel
            value={typed}
            options={Object.entries(h.sexes)}
            onChange={setTyped}
          />
        ) : (
          <TextField
            label={unit ? h.value(unit) : h.plainValue}
            inputMode={kind === "threshold_speed_mps" ? "text" : "decimal"}
            autoComplete="off"
            autoFocus
            value={typed}
            error={refused ?? fault.value}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        {isLifelong(kind) ? (
          <p className="text-xs text-muted">{h.always}</p>
        ) : (
          <TextField
            label={h.from}
            type="date"
            value={from}
            hint={h.fromHint}
            error={fault.valid_from}
            onChange={(event) => setFrom(event.target.value)}
          />
        )}
        {set.error && !fault.value && !fault.valid_from && <ProblemNotice error={set.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={set.isPending}>
            {t.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
