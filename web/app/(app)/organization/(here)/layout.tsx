import type { ReactNode } from "react";
import { OrganizationNav } from "@/features/organization/OrganizationNav";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <>
      <OrganizationNav />
      {children}
    </>
  );
}
