"use client";
import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import type { ChannelName } from "@/features/load/calls";
import { dayOf } from "@/features/load/range";
import { rangeText } from "@/features/load/Zones";
import { isProblem } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { inputClass, TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { setThreshold } from "./calls";
import { nameOf, unitOf } from "./kinds";
import { useChange } from "./queries";
import { FEWEST_ZONES, MOST_ZONES, parsedStart, readStarts, typedStarts, ZONE_KINDS } from "./zones";

const z = t.thresholds.own;

type Props = { channel: ChannelName; starts: readonly number[] | null; onClose(): void };
type Field = { id: number; text: string };

/** Where each zone begins, from a day on. */
export default function ZonesDialog({ channel, starts, onClose }: Props) {
  const { units } = usePreferences();
  const kind = ZONE_KINDS[channel];
  const [fields, setFields] = useState<Field[]>(() =>
    (starts ? typedStarts(channel, starts, units) : [""]).map((text, id) => ({ id, text })),
  );
  const [from, setFrom] = useState(() => dayOf(Date.now()));
  const [wrong, setWrong] = useState<number | null>(null);
  const set = useChange(setThreshold, () => [z.saved(nameOf(kind)), z.savedText]);
  const fault = isProblem(set.error) ? set.error.fields : {};
  const change = (next: Field[]) => {
    setWrong(null);
    setFields(next);
  };
  const onSubmit = (event: React.FormEvent) => {
    event.preventDefault();
    const read = readStarts(
      channel,
      fields.map(({ text }) => text),
      units,
    );
    setWrong(read.wrong);
    if (read.starts) set.mutate({ kind, value: read.starts, from }, { onSuccess: onClose });
  };
  const unit = unitOf(
    channel === "speed_mps" ? "threshold_speed_mps" : channel === "power_w" ? "ftp_w" : "lthr_bpm",
    units,
  );
  return (
    <Dialog open onClose={onClose} title={z.title(nameOf(kind))}>
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        <p className="text-pretty text-muted">{z.lead[channel]}</p>
        <ol className="flex flex-col gap-2">
          <li className="figures flex min-h-9 items-center gap-3">
            <span className="w-16">{z.zone(1)}</span>
            <span className="text-muted">{z.first}</span>
          </li>
          {fields.map((field, n) => (
            <Start
              key={field.id}
              channel={channel}
              number={n + 2}
              unit={unit ?? ""}
              typed={field.text}
              next={fields[n + 1]?.text}
              error={wrong === n ? z.wrong[channel] : null}
              onType={(text) => change(fields.map((one) => (one.id === field.id ? { ...one, text } : one)))}
              onRemove={
                fields.length + 1 > FEWEST_ZONES
                  ? () => change(fields.filter(({ id }) => id !== field.id))
                  : undefined
              }
            />
          ))}
        </ol>
        {fields.length + 1 < MOST_ZONES && (
          <Button
            className="self-start"
            onClick={() => change([...fields, { id: Math.max(...fields.map(({ id }) => id)) + 1, text: "" }])}
          >
            <Plus size={16} aria-hidden />
            {z.add}
          </Button>
        )}
        <TextField
          label={t.thresholds.from}
          type="date"
          value={from}
          hint={z.fromHint}
          error={fault.valid_from}
          onChange={(event) => setFrom(event.target.value)}
        />
        {set.error && !fault.valid_from && <ProblemNotice error={set.error} />}
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

type StartProps = {
  channel: ChannelName;
  number: number;
  unit: string;
  typed: string;
  next?: string;
  error: string | null;
  onType(text: string): void;
  onRemove?(): void;
};

/** The field of one zone, and beside it what the zone is by what was typed. */
function Start({ channel, number, unit, typed, next, error, onType, onRemove }: StartProps) {
  const { units } = usePreferences();
  const id = useId();
  const from = parsedStart(channel, typed, units);
  const to = next === undefined ? null : parsedStart(channel, next, units);
  const whole = from !== null && from > 0 && (next === undefined || (to !== null && to > from));
  return (
    <li>
      <div className="figures flex items-center gap-3">
        <label htmlFor={id} className="w-16 shrink-0">
          {z.zone(number)}
          <span className="sr-only"> {z.begins(unit)}</span>
        </label>
        <input
          id={id}
          value={typed}
          inputMode={channel === "speed_mps" ? "text" : "decimal"}
          autoComplete="off"
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => onType(event.target.value)}
          className={`${inputClass} max-w-24`}
        />
        <span className="min-w-0 flex-1 truncate text-muted">
          {whole ? rangeText(channel, { from, to }, units) : unit}
        </span>
        {onRemove && (
          <IconButton label={z.remove(number)} onClick={onRemove}>
            <X size={16} aria-hidden />
          </IconButton>
        )}
      </div>
      {error && (
        <p id={`${id}-error`} className="mt-1 text-sm text-bad">
          {error}
        </p>
      )}
    </li>
  );
}
