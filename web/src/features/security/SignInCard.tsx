"use client";
import { lazy, Suspense, useState } from "react";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const EmailDialog = lazy(() => import("./EmailDialog"));
const PasswordDialog = lazy(() => import("./PasswordDialog"));

const s = t.security;

/** The two things one signs in with, and how to change them. */
export function SignInCard() {
  const me = useMe();
  const [open, setOpen] = useState<"email" | "password" | null>(null);
  const close = () => setOpen(null);
  const email = me.data?.user.email ?? "";
  return (
    <RowCard title={s.account.title} lead={s.account.lead} query={me} rows={2}>
      <Row title={s.email.title} text={email}>
        <Button onClick={() => setOpen("email")}>{s.email.change}</Button>
      </Row>
      <Row title={s.password.title} text={s.password.lead}>
        <Button onClick={() => setOpen("password")}>{s.password.change}</Button>
      </Row>
      <Suspense>
        {open === "email" && <EmailDialog present={email} onClose={close} />}
        {open === "password" && <PasswordDialog email={email} onClose={close} />}
      </Suspense>
    </RowCard>
  );
}
