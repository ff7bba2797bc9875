"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { getMe, onSessionLost, signOut } from "@/lib/api";
import { operatorsWayBack } from "@/lib/looking";
import { useNavigate, usePathname, useQueryState } from "@/lib/nav";
import { useSignedInBefore } from "@/lib/signed-in";
import { elsewhere } from "@/lib/start";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: getMe,
    staleTime: 5 * 60_000,
    enabled: useSignedInBefore() === true,
  });
}

/** Sends to the sign-in page whoever has no session, and back afterwards. */
export function useSessionGuard(): void {
  const navigate = useNavigate();
  const client = useQueryClient();
  const before = useSignedInBefore();
  const leave = useCallback(() => {
    client.clear();
    const back = operatorsWayBack();
    if (back) return window.location.assign(back);
    const here = window.location.pathname + window.location.search;
    navigate.replace(
      here === "/" || here === "/today" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`,
    );
  }, [client, navigate]);
  useEffect(() => onSessionLost(leave), [leave]);
  useEffect(() => {
    if (before === false) leave();
  }, [before, leave]);
}

/** Leads away from a page about one's own training whoever has none; whether it does. */
export function useSentOn(): boolean {
  const navigate = useNavigate();
  const path = usePathname();
  const [{ athlete }] = useQueryState();
  const { data: me } = useMe();
  const to = me ? elsewhere(me, path, athlete) : null;
  useEffect(() => {
    if (to) navigate.replace(to);
  }, [to, navigate]);
  return to !== null;
}

/** Ends the session, or says that it goes on: its cookies are only the server's to take back. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  const client = useQueryClient();
  return useCallback(async () => {
    const back = operatorsWayBack();
    try {
      await signOut();
    } catch {
      return toast(t.auth.signOutFailed, { text: t.auth.signOutFailedText });
    }
    client.clear();
    // A new page, so that nothing of what was looked at stays; the console then forgets the look.
    if (back) window.location.assign(back);
    else navigate.replace("/sign-in?ended=1");
  }, [client, navigate]);
}
