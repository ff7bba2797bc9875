"use client";
import { ArrowDown, ArrowLeft, ArrowUp } from "lucide-react";
import { useId, useState } from "react";
import { providerName } from "@/lib/format";
import { share } from "@/lib/job";
import { Link } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { Select } from "@/ui/Select";
import { type Draft, draftOf, GROUPS, moved, NAMES, orderOf, type Precedence, usualDraft } from "./order";
import { usePrecedence, useSave } from "./queries";

const s = t.precedence;

/** Whose word counts first where several sources recorded the same workout. */
export function PrecedenceScreen() {
  const known = usePrecedence();
  return (
    <>
      <Link
        href="/sources"
        className="mb-3 inline-flex min-h-8 items-center gap-1.5 text-muted hover:text-fg"
      >
        <ArrowLeft size={16} aria-hidden />
        {s.back}
      </Link>
      <PageHeader title={s.title} lead={s.lead} />
      <Loaded of={known}>{(precedence) => <Form known={precedence} />}</Loaded>
    </>
  );
}

function Form({ known }: { known: Precedence }) {
  const mayChange = useMay()("fitness.workouts.write");
  const [draft, setDraft] = useState<Draft>(() => draftOf(known));
  const { save, job } = useSave();
  const order = orderOf(draft, known);
  const changed = !same(order, orderOf(draftOf(known), known));
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(order);
      }}
    >
      <fieldset disabled={!mayChange} className="contents">
        {GROUPS.map((group) => (
          <Card key={group} title={s.groups[group].title} lead={s.groups[group].lead}>
            <Ranking
              ranking={draft.rankings[group]}
              onChange={(ranking) =>
                setDraft({ ...draft, rankings: { ...draft.rankings, [group]: ranking } })
              }
            />
          </Card>
        ))}
        <Card title={s.some} lead={s.someLead}>
          <div className="grid gap-4 sm:grid-cols-2">
            {NAMES.map((name) => (
              <Select
                key={name}
                label={s.names[name]}
                value={draft.first[name] ?? ""}
                options={[
                  ["", s.asAbove],
                  ...[...known.usual, "file"].map((one) => [one, providerName(one)] as const),
                ]}
                onChange={({ target }) =>
                  setDraft({ ...draft, first: { ...draft.first, [name]: target.value || undefined } })
                }
              />
            ))}
          </div>
        </Card>
      </fieldset>
      {save.error && <ProblemNotice error={save.error} />}
      {job && <Progress label={s.rebuilding} value={share(job)} />}
      {mayChange && (
        <div className="flex flex-wrap gap-3">
          <Button type="submit" look="primary" busy={save.isPending} disabled={!changed}>
            {s.save}
          </Button>
          <Button
            disabled={same(order, orderOf(usualDraft(known), known))}
            onClick={() => setDraft(usualDraft(known))}
          >
            {s.usual}
          </Button>
        </div>
      )}
    </form>
  );
}

const same = (one: Precedence["order"], other: Precedence["order"]) =>
  JSON.stringify(one) === JSON.stringify(other);

type RankingProps = { ranking: readonly string[]; onChange(ranking: readonly string[]): void };

function Ranking({ ranking, onChange }: RankingProps) {
  const [said, setSaid] = useState("");
  const status = useId();
  const move = (place: number, by: -1 | 1) => {
    const name = ranking[place];
    if (name === undefined) return;
    onChange(moved(ranking, place, by));
    setSaid(s.movedTo(providerName(name), place + by + 1, ranking.length));
  };
  return (
    <>
      <ol aria-describedby={status} className="divide-y divide-line">
        {ranking.map((name, place) => (
          <li key={name} className="flex items-center gap-3 py-1.5">
            <span aria-hidden className="w-5 text-right text-muted tabular-nums">
              {place + 1}
            </span>
            <span className="min-w-0 flex-1 font-medium">{providerName(name)}</span>
            <Button
              icon
              look="quiet"
              aria-label={s.up(providerName(name))}
              aria-disabled={place === 0}
              onClick={() => move(place, -1)}
            >
              <ArrowUp size={16} aria-hidden />
            </Button>
            <Button
              icon
              look="quiet"
              aria-label={s.down(providerName(name))}
              aria-disabled={place === ranking.length - 1}
              onClick={() => move(place, 1)}
            >
              <ArrowDown size={16} aria-hidden />
            </Button>
          </li>
        ))}
      </ol>
      <p id={status} role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}
