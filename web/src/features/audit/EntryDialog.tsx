"use client";
import type { ReactNode } from "react";
import { deviceMoment, words } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { Change, Entry } from "./calls";
import { actionName, actorName, shown } from "./naming";

const e = t.audit.entry;
type Props = { entry: Entry; onClose(): void; onFilter(change: Record<string, string>): void };

/** One entry with everything that is known of it: what changed from what to what, by whom, from where. */
export default function EntryDialog({ entry, onClose, onFilter }: Props) {
  const { actor, resource, changes, details } = entry;
  return (
    <Dialog open title={actionName(entry.action)} onClose={onClose}>
      <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-4 gap-y-2">
        <Fact name={e.when}>{deviceMoment(entry.at)}</Fact>
        <Fact name={e.who}>{actorName(entry)}</Fact>
        {entry.operator_id && (
          <Fact name={e.operator} code>
            {entry.operator_id}
          </Fact>
        )}
        <Fact name={e.action} code>
          {entry.action}
        </Fact>
        {resource && (
          <Fact name={e.resource} code>
            {[resource.kind, resource.id].filter(Boolean).join(" ")}
          </Fact>
        )}
        <Fact name={e.outcome}>{t.audit.outcomes[entry.outcome] ?? entry.outcome}</Fact>
        {entry.client_address && <Fact name={e.address}>{entry.client_address}</Fact>}
        {entry.user_agent && <Fact name={e.agent}>{entry.user_agent}</Fact>}
        {entry.request_id && (
          <Fact name={e.request} code>
            {entry.request_id}
          </Fact>
        )}
      </dl>
      <h3 className="mt-5 mb-2 font-medium">{e.changes}</h3>
      {changes && Object.keys(changes).length > 0 ? (
        <Changes changes={changes} />
      ) : (
        <p className="text-muted">{e.noChanges}</p>
      )}
      {details && Object.keys(details).length > 0 && (
        <>
          <h3 className="mt-5 mb-2 font-medium">{e.details}</h3>
          <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-4 gap-y-2">
            {Object.entries(details).map(([key, value]) => (
              <Fact key={key} name={words(key)}>
                {shown(value)}
              </Fact>
            ))}
          </dl>
        </>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        {actor?.account_id && (
          <Button onClick={() => onFilter({ actor: actor.account_id ?? "" })}>{e.sameRequest}</Button>
        )}
        {resource?.id && (
          <Button onClick={() => onFilter({ resource: `${resource.kind}:${resource.id}` })}>
            {e.sameResource}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Fact({ name, code = false, children }: { name: string; code?: boolean; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className={code ? "font-mono text-xs leading-5 break-all" : "break-words"}>{children}</dd>
    </>
  );
}

function Changes({ changes }: { changes: Record<string, Change> }) {
  const cell = "px-3 py-2 text-left align-top";
  return (
    <div className="rounded-lg border border-line">
      <table className="w-full table-fixed border-collapse">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {[e.field, e.old, e.new].map((head) => (
              <th key={head} scope="col" className={`${cell} font-medium`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {Object.entries(changes).map(([field, change]) => (
            <tr key={field}>
              <th scope="row" className={`${cell} font-mono text-xs font-normal break-words`}>
                {field}
              </th>
              {change.hidden ? (
                <td colSpan={2} className={`${cell} text-muted`}>
                  {e[change.hidden]}
                </td>
              ) : (
                <>
                  <td className={`${cell} break-words text-muted`}>{shown(change.old)}</td>
                  <td className={`${cell} break-words`}>{shown(change.new)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
