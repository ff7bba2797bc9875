/**
 * An operator who looks through an account's eyes. Every answer then carries a mark, and what the console knew when
 * it opened the app is kept beside it, so that the banner can say as whom and until when.
 */
const KEY = "rowhouse.looking";
const listeners = new Set<() => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

export const lookingNote = () => localStorage.getItem(KEY);

/** Called for every answer: the mark appears with the first and goes with the first without it. */
export function noteLooking(marked: boolean): void {
  if (marked === (lookingNote() !== null)) return;
  if (marked) localStorage.setItem(KEY, "{}");
  else localStorage.removeItem(KEY);
  tell();
}

export function keepLooking(note: string): void {
  localStorage.setItem(KEY, note);
  tell();
}

export function forgetLooking(): void {
  localStorage.removeItem(KEY);
  tell();
}

export function onLooking(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}
