import type { ReactNode } from "react";
import { Progress } from "@/ui/Progress";

type Props = { text: string; value: number | null; children?: ReactNode };

/** What is going on with an upload, and how far it is. */
export function Step({ text, value, children }: Props) {
  return (
    <div className="flex min-h-9 items-center gap-4 pointer-coarse:min-h-11">
      <div className="min-w-0 flex-1">
        <p className="figures mb-1.5 text-sm text-muted">{text}</p>
        <Progress label={text} value={value} />
      </div>
      {children}
    </div>
  );
}
