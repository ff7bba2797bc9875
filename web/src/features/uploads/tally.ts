import type { FileResult, FileState } from "@/lib/api";

export const STATES: readonly FileState[] = ["refused", "partial", "imported", "duplicate"];

export function tally(files: readonly FileResult[]): Record<FileState, number> {
  const counts: Record<FileState, number> = { imported: 0, duplicate: 0, partial: 0, refused: 0 };
  for (const file of files) counts[file.state]++;
  return counts;
}
