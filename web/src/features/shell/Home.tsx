"use client";
import { useEffect } from "react";
import { useNavigate } from "@/lib/nav";
import { useSignedInBefore } from "@/lib/signed-in";
import * as t from "@/texts/en";

/** The bare address leads to today, or to the sign-in. */
export function Home() {
  const navigate = useNavigate();
  const signedIn = useSignedInBefore();
  useEffect(() => {
    if (signedIn !== null) navigate.replace(signedIn ? "/today" : "/sign-in");
  }, [signedIn, navigate]);
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <h1 className="sr-only">{t.product}</h1>
      <span role="status" className="spinner size-6 text-muted">
        <span className="sr-only">{t.common.loading}</span>
      </span>
    </main>
  );
}
