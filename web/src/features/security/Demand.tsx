"use client";
import { ShieldAlert } from "lucide-react";
import { nextOf } from "@/features/auth/next";
import { useNavigate, useQueryState } from "@/lib/nav";
import { proveAgain } from "@/lib/step-up";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { useMfa } from "./queries";

const s = t.security.demand;

/** Setting an app up proves it in this session, adding a passkey does not: who is led back here is asked for it. */
let wentOn = false;

/** Why one was led here: the organization lets nobody in without a second step. Goes on where one was stopped. */
export function Demand() {
  const mfa = useMfa();
  const navigate = useNavigate();
  const [query] = useQueryState();
  const has = mfa.data && (mfa.data.totp || mfa.data.passkeys > 0);
  const goOn = async () => {
    const due = wentOn || !mfa.data?.totp;
    if (due && !(await proveAgain())) return;
    wentOn = !due;
    navigate.replace(nextOf(query));
  };
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-3 rounded-xl border border-warn/35 bg-warn-soft p-4"
    >
      <ShieldAlert size={20} aria-hidden className="shrink-0 text-warn" />
      <p className="min-w-0 flex-1 basis-60 text-pretty">{has ? s.prove : s.setUp}</p>
      {has && <Button onClick={() => void goOn()}>{s.goOn}</Button>}
    </div>
  );
}
