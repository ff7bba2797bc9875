import type { ReactNode } from "react";
import { AppShell } from "@/features/shell/AppShell";
import { Providers } from "@/features/shell/Providers";

export default function AppLayout({ children }: { children: ReactNode }) {
  return (
    <Providers>
      <AppShell>{children}</AppShell>
    </Providers>
  );
}
