"use client";
import { lazy, Suspense, useState } from "react";
import { Button, type Look } from "@/ui/Button";
import type { Offer } from "./calls";

const KeyDialog = lazy(() => import("./KeyDialog"));

type Props = {
  provider: string;
  title: string;
  way: Offer["way"] | undefined;
  label: string;
  look?: Look;
  busy: boolean;
  onConnect(): void;
  children: string;
};

/** Leads to the provider's own page, or asks for a key where it has none. */
export function ConnectButton({ provider, title, way, label, look, busy, onConnect, children }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        look={look}
        aria-label={label}
        busy={busy}
        onClick={way === "key" ? () => setAsking(true) : onConnect}
      >
        {children}
      </Button>
      <Suspense>
        {asking && <KeyDialog provider={provider} title={title} onClose={() => setAsking(false)} />}
      </Suspense>
    </>
  );
}
