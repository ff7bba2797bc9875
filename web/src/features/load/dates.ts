import { day } from "@/lib/format";

/** A day of the API ("2026-11-27") as people read it. */
export const dateName = (date: string) => day(`${date}T12:00:00Z`, "UTC");
