"use client";
import { useEffect } from "react";
import { api, body } from "@/lib/api/client";
import { sessionBegan } from "@/lib/api/session";
import { START } from "@/lib/start";

/** All tabs share one session: when one of them switches the account, the others must not go on with the former. */
const CHANNEL = "rowhouse.account";

/** Acts as another of one's accounts from now on. The page starts anew, so that nothing of the former one stays. */
export async function switchAccount(account_id: string, href = START): Promise<void> {
  const answer = await body(api.POST("/api/v1/auth/switch", { body: { account_id } }));
  sessionBegan(answer.data);
  announceSwitch();
  window.location.assign(href);
}

let leaving = false;

/** Tells the other tabs; this one, which hears its own word too, goes its own way. */
export function announceSwitch(): void {
  leaving = true;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/** The address to open after another tab has switched: a single thing of the former account is not here any more. */
export const addressAfterSwitch = (path: string) => (/^\/workouts\/./.test(path) ? START : path);

export function useOtherTabsSwitch(): void {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => {
      if (!leaving) window.location.assign(addressAfterSwitch(window.location.pathname));
    };
    return () => channel.close();
  }, []);
}
