"use client";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "@/lib/api/client";
import { setPreferences, usePreferences } from "@/lib/preferences";
import { useMe } from "@/lib/session";

const getMap = async () => (await body(api.GET("/api/v1/map"))).data.tiles;

export type MapState = ReturnType<typeof useMap>;

/**
 * The tiles beneath a track, if the operator has named a server of them and this athlete has said that it may be asked:
 * for that server alone, and for their own tracks alone. What others share is not theirs to show to a third.
 */
export function useMap(athlete_id: string) {
  const me = useMe().data;
  const { mapFrom } = usePreferences();
  const own = me?.account.id === athlete_id;
  const tiles =
    useQuery({ queryKey: ["map"], queryFn: getMap, enabled: own, staleTime: Number.POSITIVE_INFINITY })
      .data ?? null;
  const offered = own ? tiles : null;
  return {
    offered,
    shown: offered !== null && mapFrom === offered.origin ? offered : null,
    show: (shown: boolean) => setPreferences({ mapFrom: shown && offered ? offered.origin : "" }),
  };
}
