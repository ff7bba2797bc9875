"use client";
import { ArrowLeft, Download } from "lucide-react";
import { type FormEvent, useState } from "react";
import { isProblem } from "@/lib/api";
import { bytes, deviceDay, deviceMoment } from "@/lib/format";
import { share } from "@/lib/job";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, buttonClass } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Checkbox } from "@/ui/Checkbox";
import { Choices } from "@/ui/Choices";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { type Format, underWay, useExports, useRemove, useStart, type WorkoutExport } from "./queries";

const x = t.exports;

const FORMATS = ["fit", "tcx", "gpx", "csv", "parquet", "json"] as const;
const INCLUDED = ["laps", "lengths", "streams", "biometrics"] as const;
const nameOf = (format: Format) => (format === "parquet" ? "Parquet" : format.toUpperCase());
const isTable = (format: Format) => ["csv", "parquet", "json"].includes(format);

/** Workouts, and what devices say of the body, as files that others read: asked for here, made in the background, kept for a week. */
export function ExportsScreen() {
  return (
    <>
      <Link
        href="/workouts"
        className="mb-3 inline-flex min-h-8 items-center gap-1.5 text-muted hover:text-fg"
      >
        <ArrowLeft size={16} aria-hidden />
        {x.back}
      </Link>
      <PageHeader title={x.title} lead={x.lead} />
      <div className="flex flex-col gap-5">
        <Ask />
        <Made />
      </div>
    </>
  );
}

function Ask() {
  const [format, setFormat] = useState<Format>("fit");
  const [include, setInclude] = useState<readonly (typeof INCLUDED)[number][]>([]);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const start = useStart();
  const faults = isProblem(start.error) ? start.error.fields : {};
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate({
      format,
      include: isTable(format) ? [...include] : [],
      ...(from && { from }),
      ...(to && { to }),
    });
  };
  return (
    <Card title={x.ask} lead={x.formats[format]}>
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        <Choices<Format>
          label={x.format}
          value={format}
          options={FORMATS.map((one) => [one, nameOf(one)] as const)}
          onChange={setFormat}
        />
        {isTable(format) && (
          <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
            <legend className="mb-1.5 text-sm font-medium">{x.include}</legend>
            {INCLUDED.map((one) => (
              <Checkbox
                key={one}
                label={x.included[one]}
                checked={include.includes(one)}
                onChange={(checked) =>
                  setInclude(checked ? [...include, one] : include.filter((other) => other !== one))
                }
              />
            ))}
          </fieldset>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            type="date"
            label={x.from}
            value={from}
            error={faults.from}
            onChange={({ target }) => setFrom(target.value)}
          />
          <TextField
            type="date"
            label={x.to}
            hint={x.all}
            value={to}
            error={faults.to}
            onChange={({ target }) => setTo(target.value)}
          />
        </div>
        {start.error && <ProblemNotice error={start.error} />}
        <Button type="submit" look="primary" busy={start.isPending} className="w-fit">
          {x.start}
        </Button>
      </form>
    </Card>
  );
}

function Made() {
  const exports = useExports();
  return (
    <Card title={x.made} lead={x.kept}>
      <Loaded of={exports} rows={1}>
        {(found) =>
          found.length === 0 ? (
            <p className="text-muted">{x.none}</p>
          ) : (
            <ul className="divide-y divide-line rounded-lg border border-line">
              {found.map((one) => (
                <Row key={one.id} one={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function Row({ one }: { one: WorkoutExport }) {
  const remove = useRemove();
  const name = one.format ? x.named(nameOf(one.format)) : x.unnamed;
  const busy = underWay(one);
  return (
    <li className="flex flex-wrap items-center gap-3 p-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">
          {name}
          {one.bytes !== null && <span className="font-normal text-muted"> · {bytes(one.bytes)}</span>}
        </p>
        <p role={busy ? "status" : undefined} className="text-muted">
          {busy
            ? x.working(one.done, one.total)
            : one.state === "succeeded"
              ? x.at(deviceMoment(one.created_at))
              : x.failed}
          {one.url && <> · {x.until(deviceDay(one.expires_at))}</>}
        </p>
        {busy && (
          <div className="mt-2">
            <Progress label={name} value={share(one)} />
          </div>
        )}
        {remove.error && <ProblemNotice error={remove.error} />}
      </div>
      {!busy && (
        <Button look="quiet" busy={remove.isPending} onClick={() => remove.mutate(one.id)}>
          {x.remove}
        </Button>
      )}
      {one.url && (
        <a href={one.url} download className={buttonClass("primary")}>
          <Download size={16} aria-hidden />
          {x.download}
        </a>
      )}
    </li>
  );
}
