const DAY_MS = 86_400_000;

/** The moment so many days from now; none for an empty choice. */
export const inDays = (days: string, now = Date.now()) =>
  days === "" ? null : new Date(now + Number(days) * DAY_MS).toISOString();
