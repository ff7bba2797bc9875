"use client";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";

const o = t.operator;
const SHORTEST = 10;

type Props = {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  busy: boolean;
  /** Where the reason is kept, if not in the organization's log. */
  hint?: string;
  error: unknown;
  /** What is asked besides the reason; `check` says whether it is well. */
  children?: ReactNode;
  check?(): boolean;
  onSubmit(reason: string): void;
  onClose(): void;
};

/** What an operator is about to do, and why: the reason is kept where the organization can read it. */
export function ReasonForm(props: Props) {
  const { title, text, action, danger, busy, hint, error, children, check, onSubmit, onClose } = props;
  const id = useId();
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const short = reason.trim().length < SHORTEST;
    setFault(short ? o.reasonShort : null);
    const well = check?.() ?? true;
    if (!short && well && !busy) onSubmit(reason.trim());
  };
  return (
    <Dialog open title={title} onClose={onClose}>
      <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
        <p>{text}</p>
        {children}
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="w-fit font-medium">
            {o.reason}
          </label>
          <textarea
            id={id}
            rows={3}
            maxLength={500}
            value={reason}
            aria-invalid={fault ? true : undefined}
            aria-describedby={fault ? `${id}-hint ${id}-error` : `${id}-hint`}
            onChange={(event) => setReason(event.target.value)}
            className={`${inputClass} resize-y`}
          />
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint ?? o.reasonHint}
          </p>
          {fault && (
            <p id={`${id}-error`} role="alert" className="text-bad">
              {fault}
            </p>
          )}
        </div>
        {error !== null && error !== undefined && <ProblemNotice error={error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look={danger ? "danger" : "primary"} busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
