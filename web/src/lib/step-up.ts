/**
 * What a call does when the API wants a fresh proof of who is there, or a second factor that is not set up yet.
 * The transport asks here; the pages answer with a dialog and a way to the security page.
 */
type Ask = () => Promise<boolean>;

let ask: Ask | null = null;
let asking: Promise<boolean> | null = null;
const enrolling = new Set<() => void>();

/** Has `dialog` asked from now on; it answers whether the person has proved themselves. Returns its end. */
export function answerStepUp(dialog: Ask): () => void {
  ask = dialog;
  return () => {
    if (ask === dialog) ask = null;
  };
}

/** Whether the call may be repeated. However many calls ask at once, the person is asked once. */
export function proveAgain(): Promise<boolean> {
  if (!ask) return Promise.resolve(false);
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

/** Whether the person is asked just now, above whatever else is open: that stays as it is. */
export const beingAsked = () => asking !== null;

/** Calls `listener` when the organization demands a second factor that this session was not begun with. */
export function onEnrolmentDue(listener: () => void): () => void {
  enrolling.add(listener);
  return () => enrolling.delete(listener);
}

export function enrolmentDue(): void {
  for (const listener of enrolling) listener();
}
