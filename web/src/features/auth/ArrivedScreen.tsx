"use client";
import { useEffect, useState } from "react";
import { resumeSession } from "@/lib/api/session";
import { useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { AuthFrame } from "./AuthFrame";
import { DeadLink } from "./DeadLink";
import { nextOf } from "./next";

/** Where a provider's sign-in ends: takes up the session that it left in cookies, and goes on. */
export function ArrivedScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const [failed, setFailed] = useState(false);
  const next = nextOf(query);
  useEffect(() => {
    void resumeSession().then((there) => (there ? navigate.replace(next) : setFailed(true)));
  }, [navigate, next]);
  if (failed) return <DeadLink title={t.auth.signInTitle} text={t.ways.arrivedNot} href="/sign-in" />;
  return (
    <AuthFrame title={t.ways.arriving}>
      <span role="status" className="spinner size-6 self-center text-muted">
        <span className="sr-only">{t.common.loading}</span>
      </span>
    </AuthFrame>
  );
}
