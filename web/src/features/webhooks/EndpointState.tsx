import * as t from "@/texts/en";
import { Chip } from "@/ui/Chip";
import type { Endpoint } from "./calls";

const w = t.webhooks;

export function EndpointState({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.state === "disabled") return <Chip tone="bad">{w.states.disabled}</Chip>;
  if (endpoint.failing_since) return <Chip tone="warn">{w.states.failing}</Chip>;
  return <Chip tone="ok">{w.states.active}</Chip>;
}
