"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import { useSignedInBefore } from "@/lib/signed-in";
import { setPreferences } from "./index";

type Schemas = components["schemas"];
type OfAccount = Schemas["PreferencesView"];
type Edit = Schemas["PreferencesEdit"];

export const ACCOUNT_PREFERENCES = ["preferences"];
const HOUR_MS = 60 * 60_000;

const read = async () => (await body(api.GET("/api/v1/preferences"))).data;
const write = async (edit: Edit) => (await body(api.PUT("/api/v1/preferences", { body: edit }))).data;

/** Units and home, as the account has them on every device. */
export const useAccountPreferences = () =>
  useQuery({
    queryKey: ACCOUNT_PREFERENCES,
    queryFn: read,
    staleTime: HOUR_MS,
    enabled: useSignedInBefore() === true,
  });

/** Shows figures and times in them; what this browser has kept was for the time until they are here. */
export function useFollowAccount(): void {
  const { data } = useAccountPreferences();
  useEffect(() => {
    if (data) setPreferences({ units: data.units, homeZone: homeOf(data) });
  }, [data]);
}

/** Empty where nobody has said: then it is the zone of the device. */
const homeOf = ({ timezone, organization_timezone }: OfAccount) => timezone ?? organization_timezone ?? "";

/** Saves at once what was chosen, one choice after the other; what could not be saved is taken back. */
export function useSetAccountPreferences() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: ACCOUNT_PREFERENCES,
    scope: { id: "preferences" },
    mutationFn: (said: OfAccount) => write({ units: said.units, timezone: said.timezone }),
    onMutate: async (said) => {
      await client.cancelQueries({ queryKey: ACCOUNT_PREFERENCES });
      const before = client.getQueryData<OfAccount>(ACCOUNT_PREFERENCES);
      client.setQueryData(ACCOUNT_PREFERENCES, said);
      return before;
    },
    onSuccess: (said) => {
      const last = client.isMutating({ mutationKey: ACCOUNT_PREFERENCES }) === 1;
      if (last) client.setQueryData(ACCOUNT_PREFERENCES, said);
    },
    onError: (_error, _said, before) => client.setQueryData(ACCOUNT_PREFERENCES, before),
  });
}

/** The zones to choose from, the present one among them under whichever name it has. */
export function zoneChoices(value: string): (readonly [value: string, text: string])[] {
  const known = Intl.supportedValuesOf("timeZone");
  const all = value && !known.includes(value) ? [value, ...known] : known;
  return all.map((zone) => [zone, zone.replaceAll("_", " ")] as const);
}
