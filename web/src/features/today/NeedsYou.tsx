"use client";
import { Copy, Gauge, Link2, type LucideIcon } from "lucide-react";
import { useOpenMatchCount } from "@/features/duplicates/queries";
import type { Source } from "@/features/sources/calls";
import { healthOf } from "@/features/sources/health";
import { useOpen } from "@/features/thresholds/declined";
import { useProposals } from "@/features/thresholds/queries";
import { providerName } from "@/lib/format";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";

const d = t.today.decide;

type Item = { key: string; icon: LucideIcon; title: string; text: string; href: string; action: string };

/** What waits for a decision, or has stopped; absent while there is nothing. */
export function NeedsYou({ sources }: { sources: readonly Source[] }) {
  const duplicates = useOpenMatchCount();
  const proposals = useOpen(useProposals().data ?? []);
  const items: Item[] = sources.flatMap((source) => {
    const title = providerName(source.provider);
    const health = healthOf(source, title);
    if (health.todo === null) return [];
    const said = { title: `${title}: ${health.word.toLowerCase()}`, text: health.text };
    return [{ key: source.id, icon: Link2, ...said, href: "/sources", action: d.look }];
  });
  if (duplicates)
    items.push({
      key: "duplicates",
      icon: Copy,
      title: d.duplicates(duplicates),
      text: d.duplicatesText,
      href: "/duplicates",
      action: d.open,
    });
  if (proposals.length > 0)
    items.push({
      key: "proposals",
      icon: Gauge,
      title: d.proposals(proposals.length),
      text: d.proposalsText,
      href: "/thresholds#proposals",
      action: d.look,
    });
  if (items.length === 0) return null;
  return (
    <Card title={d.title} flush>
      <ul className="divide-y divide-line border-t border-line">
        {items.map(({ key, icon: Icon, title, text, href, action }) => (
          <li key={key} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
            <Icon size={18} aria-hidden className="shrink-0 text-accent" />
            <div className="min-w-0 flex-1 basis-56">
              <p className="font-medium">{title}</p>
              <p className="text-pretty text-muted">{text}</p>
            </div>
            <LinkButton href={href}>
              {action}
              <span className="sr-only">: {title}</span>
            </LinkButton>
          </li>
        ))}
      </ul>
    </Card>
  );
}
