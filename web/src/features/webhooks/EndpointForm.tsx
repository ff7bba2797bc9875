"use client";
import { type FormEvent, useState } from "react";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { type Endpoint, editEndpoint, makeEndpoint, type NewEndpoint } from "./calls";
import { EventPicker } from "./EventPicker";
import { useChange, useEventTypes } from "./queries";
import { SecretOnce } from "./SecretOnce";

const w = t.webhooks;
type Step = "where" | "what";
type Props = { endpoint?: Endpoint; onClose(): void };

/** Where to, then what; a new endpoint ends with its secret. */
export default function EndpointForm({ endpoint, onClose }: Props) {
  const [made, setMade] = useState<NewEndpoint | null>(null);
  if (made) return <SecretOnce secret={made.secret} onClose={onClose} />;
  return (
    <Dialog open title={endpoint ? w.form.editTitle : w.form.newTitle} onClose={onClose}>
      <Form endpoint={endpoint} onMade={setMade} onClose={onClose} />
    </Dialog>
  );
}

function Form({ endpoint, onMade, onClose }: Props & { onMade(made: NewEndpoint): void }) {
  const types = useEventTypes();
  const [step, setStep] = useState<Step>("where");
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [description, setDescription] = useState(endpoint?.description ?? "");
  const [events, setEvents] = useState<string[]>(endpoint?.events ?? []);
  const [checked, setChecked] = useState(false);
  const values = { url: url.trim(), description: description.trim(), events };
  const save = useChange(() =>
    endpoint ? editEndpoint(endpoint.id, values).then(() => null) : makeEndpoint(values),
  );
  const fields = isProblem(save.error) ? save.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (step === "where") {
      if (!values.url) return;
      setChecked(false);
      setStep("what");
      return;
    }
    if (events.length === 0 || save.isPending) return;
    save.mutate(undefined, {
      onSuccess: (made) => {
        if (made) return onMade(made);
        toast(w.form.saved);
        onClose();
      },
      onError: (error) => isProblem(error) && error.fields.url && setStep("where"),
    });
  };
  return (
    <form noValidate className="flex flex-col gap-5" onSubmit={submit}>
      <ol aria-label={w.form.steps} className="flex gap-4 text-xs text-muted">
        {(["where", "what"] as const).map((name, index) => (
          <li
            key={name}
            aria-current={name === step ? "step" : undefined}
            className={name === step ? "font-medium text-fg" : ""}
          >
            {index + 1}. {w.form[name]}
          </li>
        ))}
      </ol>
      {step === "where" ? (
        <>
          <TextField
            label={w.url}
            type="url"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://"
            maxLength={2000}
            hint={w.urlHint}
            value={url}
            error={checked && !values.url ? w.urlMissing : fields.url}
            onChange={(event) => {
              setUrl(event.target.value);
              save.reset();
            }}
          />
          <TextField
            label={w.description}
            hint={w.descriptionHint}
            maxLength={200}
            value={description}
            error={fields.description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </>
      ) : (
        <Loaded of={types}>
          {(known) => (
            <EventPicker
              types={known}
              value={events}
              error={checked && events.length === 0 ? w.eventsMissing : fields.events}
              onChange={setEvents}
            />
          )}
        </Loaded>
      )}
      {save.error && Object.keys(fields).length === 0 && <ProblemNotice error={save.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        {step === "where" ? (
          <Button onClick={onClose}>{t.common.cancel}</Button>
        ) : (
          <Button onClick={() => setStep("where")}>{w.form.back}</Button>
        )}
        <Button type="submit" look="primary" busy={save.isPending}>
          {step === "where" ? w.form.next : endpoint ? w.form.save : w.form.create}
        </Button>
      </div>
    </form>
  );
}
