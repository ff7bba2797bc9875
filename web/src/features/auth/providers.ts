import type { components } from "@/lib/api/schema";
import { send } from "@/lib/api/transport";

export type Provider = components["schemas"]["ProviderView"];

/** Who else can say who one is. */
export async function listProviders(): Promise<readonly Provider[]> {
  const answer = await send(
    new Request("/api/v1/auth/providers", { headers: { Accept: "application/json" } }),
  );
  return ((await answer.json()) as { data: Provider[] }).data;
}
