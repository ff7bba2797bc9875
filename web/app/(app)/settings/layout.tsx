import type { ReactNode } from "react";
import { SettingsNav } from "@/features/access/SettingsNav";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <>
      <SettingsNav />
      {children}
    </>
  );
}
