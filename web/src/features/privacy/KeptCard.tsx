"use client";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { useRules } from "./queries";

const k = t.privacy.kept;

export function KeptCard() {
  const rules = useRules();
  return (
    <Card title={k.title} lead={k.lead}>
      <Loaded of={rules} rows={4}>
        {(found) => (
          <table aria-label={k.table} className="w-full text-sm">
            <thead className="text-left text-muted">
              <tr>
                <th scope="col" className="py-1.5 pr-3 font-medium">
                  {k.what}
                </th>
                <th scope="col" className="py-1.5 pr-3 font-medium">
                  {k.for}
                </th>
                <th scope="col" className="hidden py-1.5 text-right font-medium sm:table-cell">
                  {k.soon}
                </th>
              </tr>
            </thead>
            <tbody>
              {found.map((rule) => (
                <tr key={rule.rule} className="border-t border-line align-top">
                  <td className="py-2 pr-3">{rule.what}</td>
                  <td className="py-2 pr-3 whitespace-nowrap">
                    {k.days(rule.days)}
                    {rule.chosen && <span className="block text-xs text-muted">{k.chosen}</span>}
                  </td>
                  <td className="hidden py-2 text-right tabular-nums sm:table-cell">
                    {rule.soon === null ? (
                      <span className="text-muted">{k.uncounted}</span>
                    ) : (
                      number(rule.soon)
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Card>
  );
}
