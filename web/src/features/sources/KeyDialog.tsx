"use client";
import { type FormEvent, useState } from "react";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useKey } from "./queries";

const s = t.sources;

type Props = { provider: string; title: string; onClose(): void };

/** Takes the key that somebody has made for themselves at a provider without a page to allow it on. */
export default function KeyDialog({ provider, title, onClose }: Props) {
  const [key, setKey] = useState("");
  const [endsOn, setEndsOn] = useState("");
  const connect = useKey(provider, title);
  const faults = isProblem(connect.error) ? connect.error.fields : {};
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    connect.mutate({ key, ...(endsOn && { ends_on: endsOn }) }, { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} title={s.keyTitle(title)}>
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        <p className="text-pretty text-muted">{s.keyText(title)}</p>
        <TextField
          label={s.key}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={key}
          error={faults.key}
          onChange={({ target }) => setKey(target.value)}
        />
        <TextField
          type="date"
          label={s.keyEnds}
          hint={s.keyEndsHint}
          value={endsOn}
          error={faults.ends_on}
          onChange={({ target }) => setEndsOn(target.value)}
        />
        {connect.error && !faults.key && !faults.ends_on && <ProblemNotice error={connect.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={connect.isPending}>
            {s.connect}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
