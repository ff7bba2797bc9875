"use client";
import { AlertDialog } from "@base-ui/react/alert-dialog";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { backdropClass, popupClass } from "@/ui/classes";
import { type Answers, differences, type Form } from "./form";

const s = t.onboarding;

type Props = { form: Form; mine: Answers; theirs: Answers; onKeep(): void; onTake(): void };

/** What differs, and whose answer counts. It can't be dismissed: one of the two would be lost without a word. */
export default function ConflictDialog({ form, mine, theirs, onKeep, onTake }: Props) {
  return (
    <AlertDialog.Root open>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdropClass} />
        <AlertDialog.Viewport className="fixed inset-0 z-50 flex items-end justify-center p-4 sm:items-center">
          <AlertDialog.Popup className={`${popupClass} max-h-full w-full max-w-lg overflow-y-auto p-5`}>
            <AlertDialog.Title className="text-base font-semibold">{s.conflictTitle}</AlertDialog.Title>
            <AlertDialog.Description className="mt-2 text-sm text-muted">
              {s.conflictText}
            </AlertDialog.Description>
            <table className="mt-4 w-full table-fixed border-collapse text-sm">
              <thead>
                <tr className="border-b border-line text-left text-xs text-muted">
                  <th scope="col" className="py-1.5 pr-3 font-medium">
                    {s.conflictField}
                  </th>
                  <th scope="col" className="py-1.5 pr-3 font-medium">
                    {s.conflictMine}
                  </th>
                  <th scope="col" className="py-1.5 font-medium">
                    {s.conflictTheirs}
                  </th>
                </tr>
              </thead>
              <tbody className="divide-y divide-line align-top">
                {differences(form, mine, theirs).map((one) => (
                  <tr key={one.name}>
                    <th scope="row" className="py-2 pr-3 text-left font-medium">
                      {one.label}
                    </th>
                    <td className="py-2 pr-3 break-words">{one.mine}</td>
                    <td className="py-2 break-words">{one.theirs}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <div className="mt-5 flex flex-wrap justify-end gap-2">
              <Button onClick={onTake}>{s.takeTheirs}</Button>
              <Button look="primary" onClick={onKeep}>
                {s.keepMine}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
