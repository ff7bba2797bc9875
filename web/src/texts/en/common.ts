export const product = "Rowhouse";

export const common = {
  cancel: "Cancel",
  save: "Save",
  close: "Close",
  undo: "Undo",
  retry: "Try again",
  dismiss: "Dismiss",
  loading: "Loading",
  more: "Load more",
  back: "Back",
  unknown: "Unknown",
  skip: "Skip to content",
  clear: "Clear",
  copy: "Copy",
  copied: "Copied",
  of: (a: string, b: string) => `${a} of ${b}`,
};
