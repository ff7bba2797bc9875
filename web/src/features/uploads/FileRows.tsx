"use client";
import { CircleAlert, CircleCheck, CircleMinus, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { FileResult } from "@/lib/api";
import { cx } from "@/lib/classes";
import { bytes } from "@/lib/format";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import type { FileTarget } from "./deletion";
import { STATES } from "./tally";

export type Row = {
  name: string;
  result?: FileResult;
  size?: number;
  sent?: number;
  pending?: string;
  retryable?: boolean;
};

const FIRST = 40;
const ICONS = {
  imported: <CircleCheck size={17} aria-hidden className="text-ok" />,
  duplicate: <CircleMinus size={17} aria-hidden className="text-muted" />,
  partial: <TriangleAlert size={17} aria-hidden className="text-warn" />,
  refused: <CircleAlert size={17} aria-hidden className="text-bad" />,
};

type Props = {
  rows: readonly Row[];
  folded?: boolean;
  onRetry?(name: string): void;
  onDelete?(file: FileTarget): void;
};

/** What became of each file, those that need attention first. */
export function FileRows({ rows, folded = false, onRetry, onDelete }: Props) {
  const [all, setAll] = useState(false);
  if (rows.length === 0) return null;
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b));
  const list = (
    <>
      <ul className="divide-y divide-line">
        {(all ? sorted : sorted.slice(0, FIRST)).map((row) => (
          <FileRow
            key={row.name}
            row={row}
            onRetry={row.retryable ? onRetry : undefined}
            onDelete={rows.length > 1 ? onDelete : undefined}
            several={rows.length > 1}
          />
        ))}
      </ul>
      {!all && sorted.length > FIRST && (
        <Button look="quiet" onClick={() => setAll(true)}>
          {`${t.uploads.show} (${sorted.length})`}
        </Button>
      )}
    </>
  );
  if (!folded || rows.length <= 3) return <div>{list}</div>;
  return (
    <details>
      <summary className="inline-flex min-h-8 items-center rounded text-sm text-accent">
        {t.uploads.show}
      </summary>
      {list}
    </details>
  );
}

const rank = (row: Row) => (row.result ? STATES.indexOf(row.result.state) : STATES.length);

type RowProps = { row: Row; several: boolean } & Pick<Props, "onRetry" | "onDelete">;

function FileRow({ row, several, onRetry, onDelete }: RowProps) {
  const { result } = row;
  const id = result?.file_id;
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 py-2.5">
      <span className="flex h-5 w-4.5 items-center">
        {result ? ICONS[result.state] : <span aria-hidden className="spinner size-3.5 text-muted" />}
      </span>
      <div className="min-w-0 flex-1 basis-52">
        <p className="break-all">{row.name}</p>
        <p className="figures text-muted">{result ? <Outcome result={result} /> : progressOf(row)}</p>
      </div>
      {/* As much room before there is a result as its link and button take: nothing below moves then. */}
      <div
        className={cx(
          "flex flex-wrap items-center gap-x-4 gap-y-1",
          !result && several && "min-h-9 min-w-36 pointer-coarse:min-h-11",
        )}
      >
        {result && <Links result={result} />}
        {result?.state === "refused" &&
          (onRetry ? <Button onClick={() => onRetry(row.name)}>{t.uploads.retryFile}</Button> : null)}
        {id && onDelete && (
          <IconButton
            label={t.uploads.deleteOf(row.name)}
            onClick={() => onDelete({ kind: "file", id, name: row.name })}
          >
            <Trash2 size={16} aria-hidden />
          </IconButton>
        )}
      </div>
    </li>
  );
}

function progressOf(row: Row): string {
  if (row.sent === undefined || row.size === undefined) return row.pending ?? t.uploads.sent;
  return row.sent >= row.size ? t.uploads.sent : t.common.of(bytes(row.sent), bytes(row.size));
}

function Outcome({ result }: { result: FileResult }) {
  const { state, detail, measurements = 0 } = result;
  const body = measurements > 0 ? `${t.uploads.measured(measurements)} ` : "";
  if (state === "imported") return body || t.uploads.states.imported;
  if (state === "duplicate") return t.uploads.duplicateText;
  if (state === "partial")
    return <span className="text-warn">{body + (detail || t.uploads.partialText)}</span>;
  return <span className="text-bad">{detail || t.uploads.refusedText}</span>;
}

function Links({ result }: { result: FileResult }) {
  const several = result.workout_ids.length > 1;
  const text = (index: number) => {
    if (result.state === "duplicate") return t.uploads.existing;
    return several ? t.uploads.viewN(index + 1) : t.uploads.view;
  };
  return result.workout_ids.slice(0, 6).map((id, index) => (
    <Link
      key={id}
      href={`/workouts/${id}`}
      className="inline-flex min-h-6 items-center text-accent hover:underline"
    >
      {text(index)}
    </Link>
  ));
}
