export type ToastOptions = { text?: string; action?: string; onAction?(): void };

/** Says something in a corner for a while; with `onAction` it has a button, "Undo" unless named otherwise. */
export function toast(title: string, options: ToastOptions = {}): void {
  void import("./Toasts").then(({ add }) => add(title, options));
}
