"use client";
import { deviceMoment, words } from "@/lib/format";
import * as t from "@/texts/en";
import { Chip, type Tone } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import type { Figure, Part } from "./calls";
import { useFigures, useParts } from "./queries";

const o = t.operator;
const h = o.health;
const TONES: Record<Part["state"], Tone> = { healthy: "ok", degraded: "warn", unhealthy: "bad" };

/** Whether the platform works, part by part, and what it is counted by; each with the moment it is true of. */
export function HealthScreen() {
  const parts = useParts();
  const figures = useFigures();
  return (
    <>
      <PageHeader title={h.title} lead={h.lead} />
      <Loaded of={parts} rows={11}>
        {(found) => (
          <section aria-label={h.title}>
            <Verdict
              parts={found}
              at={deviceMoment(new Date(parts.dataUpdatedAt).toISOString())}
              stale={parts.isError}
            />
            <Parts parts={found} />
          </section>
        )}
      </Loaded>
      <h2 className="mt-8 text-base font-semibold">{h.figures}</h2>
      <p className="mb-3 text-xs text-muted">{h.figuresLead}</p>
      <Loaded of={figures} rows={8}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={h.noFigures} text={h.noFiguresText} />
          ) : (
            <Counts figures={found} />
          )
        }
      </Loaded>
    </>
  );
}

function Verdict({ parts, at, stale }: { parts: Part[]; at: string; stale: boolean }) {
  const states = new Set(parts.map((part) => part.state));
  const [tone, text]: [Tone, string] = states.has("unhealthy")
    ? ["bad", h.none]
    : states.has("degraded")
      ? ["warn", h.some]
      : ["ok", h.well];
  return (
    <p role="status" className="mb-4 flex flex-wrap items-center gap-3 text-xs text-muted">
      <Chip tone={tone}>{text}</Chip>
      <span className={stale ? "text-bad" : undefined}>{stale ? h.stale(at) : h.askedAt(at)}</span>
    </p>
  );
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <RowTable
      label={h.title}
      rows={parts}
      keyOf={(part) => part.name}
      columns={[
        {
          key: "name",
          label: h.part,
          value: (part) => (
            <span className="block min-w-0">
              <span className="font-medium">{h.parts[part.name] ?? words(part.name)}</span>
              {part.state !== "healthy" && <span className="block text-xs text-muted">{part.without}</span>}
            </span>
          ),
        },
        {
          key: "state",
          label: h.state,
          value: (part) => <Chip tone={TONES[part.state]}>{h.states[part.state]}</Chip>,
        },
        {
          key: "cause",
          label: h.cause,
          named: true,
          value: (part) => <span className="break-words">{part.cause ?? "–"}</span>,
        },
        {
          key: "since",
          label: h.since,
          named: true,
          value: (part) => <span className="whitespace-nowrap text-muted">{deviceMoment(part.since)}</span>,
        },
        {
          key: "took",
          label: h.took,
          named: true,
          value: (part) => <span className="figures text-muted">{part.duration_ms.toFixed(0)} ms</span>,
        },
      ]}
    />
  );
}

function Counts({ figures }: { figures: Figure[] }) {
  return (
    <RowTable
      label={h.figures}
      rows={figures}
      keyOf={(figure) => `${figure.figure} ${figure.of}`}
      columns={[
        {
          key: "figure",
          label: h.figure,
          value: ({ figure, of }) => `${o.figureNames[figure] ?? words(figure)}: ${words(of)}`,
        },
        {
          key: "count",
          label: h.value,
          value: ({ count }) => <span className="figures">{count.toLocaleString("en")}</span>,
        },
        {
          key: "since",
          label: h.since,
          named: true,
          value: ({ since }) => (
            <span className="text-muted">{since ? h.from(deviceMoment(since)) : h.now}</span>
          ),
        },
      ]}
    />
  );
}
