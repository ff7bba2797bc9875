"use client";
import { Download } from "lucide-react";
import type { DetailSource, WorkoutDetail } from "@/lib/api";
import { ago, bytes, duration, moment, providerName, zoneOf } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { buttonClass } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";

const p = t.workouts.page;

/** Every recording of this workout with its device, and its original bytes to download. */
export function Sources({ workout }: { workout: WorkoutDetail }) {
  const zone = zoneOf(workout, usePreferences());
  return (
    <Card title={p.sources} flush>
      <ul className="divide-y divide-line border-t border-line">
        {workout.sources.map((source) => (
          <SourceRow key={source.id} source={source} zone={zone} />
        ))}
      </ul>
    </Card>
  );
}

function SourceRow({ source, zone }: { source: DetailSource; zone: string }) {
  const { file } = source;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{source.device ?? p.noDevice}</span>
          {source.provider !== "file" && <Chip>{providerName(source.provider)}</Chip>}
        </p>
        <p className="figures mt-0.5 text-muted">
          {`${moment(source.start_time, zone)} · ${duration(source.duration_s)} · ${p.imported(ago(source.imported_at))}`}
        </p>
      </div>
      {file && (
        <a href={file.href} download={file.name} className={`${buttonClass("secondary")} max-w-full`}>
          <Download size={16} aria-hidden className="shrink-0" />
          <span className="sr-only">{p.download}</span>
          <span className="min-w-0 truncate">{file.name}</span>
          <span className="figures font-normal text-muted">{bytes(file.bytes)}</span>
        </a>
      )}
    </li>
  );
}
