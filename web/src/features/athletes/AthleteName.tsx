"use client";
import { useNames } from "@/features/access/names";

/** An athlete's name, loaded by whoever looks at them and nobody else. */
export default function AthleteName({ athlete }: { athlete: string }) {
  return useNames()(athlete);
}
