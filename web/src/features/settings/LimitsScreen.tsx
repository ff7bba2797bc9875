"use client";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "@/lib/api/client";
import * as t from "@/texts/en";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { Progress } from "@/ui/Progress";
import { RowTable } from "@/ui/RowTable";

const l = t.limits;
const AGAIN_MS = 15_000;
const figure = (n: number) => n.toLocaleString("en");

const listLimits = async () => (await body(api.GET("/api/v1/rate-limit-status"))).data;

/** Every limit that applies, and what is left of it; asked again while the page is open, which counts in none. */
export function LimitsScreen() {
  const limits = useQuery({
    queryKey: ["limits"],
    queryFn: listLimits,
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
  return (
    <>
      <PageHeader title={l.title} lead={l.lead} />
      <div className="max-w-3xl">
        <Loaded of={limits}>
          {(rows) => (
            <RowTable
              label={l.table}
              rows={rows}
              keyOf={(row) => row.policy}
              columns={[
                {
                  key: "limit",
                  label: l.limit,
                  value: (row) => (
                    <span className="block min-w-0">
                      <span className="block font-medium">{l.names[row.policy] ?? row.policy}</span>
                      <span className="block text-muted">{row.meaning}</span>
                    </span>
                  ),
                },
                {
                  key: "left",
                  label: l.left,
                  value: (row) => (
                    <span className="flex w-44 flex-col gap-1.5">
                      <span className="figures whitespace-nowrap">
                        {l.of(figure(row.remaining), figure(row.limit), row.window_s)}
                      </span>
                      <Progress
                        label={l.share(l.names[row.policy] ?? row.policy)}
                        value={row.remaining / row.limit}
                      />
                    </span>
                  ),
                },
                {
                  key: "resets",
                  label: l.resets,
                  named: true,
                  value: (row) => (
                    <span className="whitespace-nowrap text-muted">
                      {row.remaining === row.limit ? l.unused : l.in(row.resets_in_s)}
                    </span>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
        <p className="mt-4 text-pretty text-muted">{l.note}</p>
      </div>
    </>
  );
}
