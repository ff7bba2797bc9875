"use client";
import { useQueryClient } from "@tanstack/react-query";
import { LogOut, ShieldCheck } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { isProblem } from "@/lib/api";
import { endLooking } from "@/lib/looking";
import { Link, useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { RowsSkeleton } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { SectionNav } from "@/ui/SectionNav";
import { signOutOperator } from "./calls";
import { onOperatorLost } from "./client";
import { useOperator } from "./queries";

const Toasts = lazy(() => import("@/ui/Toasts"));
const o = t.operator;
const PAGES = [
  ["/operator", o.organizations],
  ["/operator/flags", t.flags.title],
  ["/operator/health", o.health.title],
  ["/operator/work", t.operatorWork.title],
  ["/operator/dead-letters", t.operatorWork.deadTitle],
] as const;

/** The frame of the operators' pages: nothing of the app is in it, and only operators see what is. */
export function OperatorFrame({ children }: { children: ReactNode }) {
  const operator = useOperator();
  const navigate = useNavigate();
  const client = useQueryClient();
  const out = isProblem(operator.error) && operator.error.status === 401;
  useEffect(() => {
    if (out) navigate.replace("/operator/sign-in");
  }, [out, navigate]);
  useEffect(endLooking, []);
  useEffect(
    () =>
      onOperatorLost(() => {
        client.clear();
        navigate.replace("/operator/sign-in?ended=1");
      }),
    [client, navigate],
  );
  const leave = async () => {
    await signOutOperator().catch(() => {});
    client.clear();
    navigate.replace("/operator/sign-in");
  };
  return (
    <>
      <header className="sticky top-0 z-20 border-b border-line border-t-4 border-t-warn bg-surface">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-3 px-4 md:px-6">
          <Link href="/operator" className="flex min-h-9 items-center gap-2 font-semibold">
            <ShieldCheck size={18} aria-hidden className="text-warn" />
            {o.product}
          </Link>
          {operator.data && (
            <div className="ml-auto flex min-w-0 items-center gap-3">
              <span className="min-w-0 truncate text-muted max-sm:hidden">{operator.data.email}</span>
              <Button onClick={() => void leave()}>
                <LogOut size={16} aria-hidden />
                {o.signOut}
              </Button>
            </div>
          )}
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 outline-none md:px-6"
      >
        {operator.data && (
          <>
            <SectionNav label={o.pages} items={PAGES} />
            <Suspense>{children}</Suspense>
          </>
        )}
        {!operator.data && (!operator.error || out) && <RowsSkeleton rows={6} />}
        {operator.error && !out && (
          <ProblemNotice error={operator.error} onRetry={() => void operator.refetch()} />
        )}
      </main>
      <Suspense>{operator.data && <Toasts />}</Suspense>
    </>
  );
}
