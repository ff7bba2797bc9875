"use client";
import { useEffect } from "react";
import { useNavigate } from "@/lib/nav";
import { useMe } from "@/lib/session";
import { startOf } from "@/lib/start";
import * as t from "@/texts/en";
import { PageSkeleton } from "./PageSkeleton";

/** The bare address leads everybody to their first page; the frame around it leads to the sign-in. */
export function Home() {
  const navigate = useNavigate();
  const { data: me, isError } = useMe();
  useEffect(() => {
    // A page says what failed, and has a way to try again; this one has not.
    if (me || isError) navigate.replace(me ? startOf(me) : "/today");
  }, [me, isError, navigate]);
  return (
    <>
      <h1 className="sr-only">{t.product}</h1>
      <PageSkeleton />
    </>
  );
}
