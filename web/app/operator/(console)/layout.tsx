import type { ReactNode } from "react";
import { OperatorFrame } from "@/features/operator/OperatorFrame";
import { Providers } from "@/features/shell/Providers";

export default function OperatorLayout({ children }: { children: ReactNode }) {
  return (
    <Providers>
      <OperatorFrame>{children}</OperatorFrame>
    </Providers>
  );
}
