"use client";
import { lazy, type ReactNode, Suspense } from "react";
import { StepUpGate } from "@/features/security/StepUpGate";
import { CHANGES } from "@/features/sources/changes";
import { DropAnywhere } from "@/features/uploads/DropAnywhere";
import { UploadWatcher } from "@/features/uploads/UploadWatcher";
import { useOtherTabsSwitch } from "@/lib/accounts";
import { jobsChange } from "@/lib/changes";
import { cx } from "@/lib/classes";
import { useLooking } from "@/lib/looking";
import { useFollowAccount } from "@/lib/preferences/account";
import { useSentOn, useSessionGuard } from "@/lib/session";
import { useSignedInBefore } from "@/lib/signed-in";
import * as t from "@/texts/en";
import { CommandLayer } from "./CommandLayer";
import { Header } from "./Header";
import { LookingBanner } from "./LookingBanner";
import { BottomBar, Sidebar } from "./Navigation";
import { OfflineBar } from "./OfflineBar";
import { PageSkeleton } from "./PageSkeleton";

jobsChange(CHANGES);

const Toasts = lazy(() => import("@/ui/Toasts"));

/** The frame around every page of someone who is signed in. */
export function AppShell({ children }: { children: ReactNode }) {
  useSessionGuard();
  useOtherTabsSwitch();
  useFollowAccount();
  const looking = useLooking();
  const signedIn = useSignedInBefore();
  return (
    <CommandLayer>
      <a
        href="#content"
        className="fixed top-2 left-2 z-60 -translate-y-20 rounded-md bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        {t.common.skip}
      </a>
      <Sidebar />
      {/* What sticks to the top leaves room for the banner while there is one. */}
      <div className={cx("md:pl-60", looking && "[--banner:4rem] md:[--banner:2.75rem]")}>
        {looking && <LookingBanner until={looking.until} />}
        <Header />
        <OfflineBar />
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-6xl px-4 pt-6 pb-28 outline-none md:px-6 md:pb-16"
        >
          {/* The only boundary around a page. One of the page's own would show nothing until its code is here, and for
              good if somebody goes on meanwhile; without one the former page stays. */}
          <Suspense fallback={<PageSkeleton />}>
            {signedIn ? <Led>{children}</Led> : <PageSkeleton />}
          </Suspense>
        </main>
      </div>
      <BottomBar />
      {signedIn && <StepUpGate />}
      {signedIn && <UploadWatcher />}
      {signedIn && <DropAnywhere />}
      {signedIn && (
        <Suspense>
          <Toasts />
        </Suspense>
      )}
    </CommandLayer>
  );
}

/** The page, unless it has nothing for the account. */
function Led({ children }: { children: ReactNode }) {
  return useSentOn() ? <PageSkeleton /> : children;
}
