"use client";
import { useMutation } from "@tanstack/react-query";
import { announceSwitch } from "@/lib/accounts";
import { sessionBegan } from "@/lib/api/session";
import { beginLooking } from "@/lib/looking";
import { START } from "@/lib/start";
import * as t from "@/texts/en";
import { impersonate, type PlatformAccount, type PlatformOrganization } from "./calls";
import { ReasonForm } from "./ReasonForm";

const o = t.operator;

type Props = { organization: PlatformOrganization; account: PlatformAccount; onClose(): void };

/** Opens the app as the account sees it. Whatever this browser had of the app before is told to start anew. */
export default function LookDialog({ organization, account, onClose }: Props) {
  const look = useMutation({
    mutationFn: (reason: string) => impersonate(organization.id, account.id, reason),
    onSuccess: ({ expires_at }) => {
      beginLooking({
        name: account.name,
        organization: organization.name,
        organizationId: organization.id,
        until: expires_at,
      });
      sessionBegan({ expires_in: (Date.parse(expires_at) - Date.now()) / 1000 });
      announceSwitch();
      window.location.assign(START);
    },
  });
  return (
    <ReasonForm
      title={o.lookTitle(account.name)}
      text={o.lookText}
      action={o.lookAction}
      busy={look.isPending || look.isSuccess}
      error={look.error}
      onSubmit={(reason) => look.mutate(reason)}
      onClose={onClose}
    />
  );
}
