"use client";
import * as t from "@/texts/en";
import { PageHeader } from "@/ui/PageHeader";
import { ConsentsCard } from "./ConsentsCard";
import { DeleteAccountCard } from "./DeleteAccountCard";
import { ExportCard } from "./ExportCard";
import { KeptCard } from "./KeptCard";

const p = t.privacy;

export function PrivacyScreen() {
  return (
    <>
      <PageHeader title={p.title} lead={p.lead} />
      <div className="flex max-w-3xl flex-col gap-6">
        <ExportCard />
        <ConsentsCard />
        <KeptCard />
        <DeleteAccountCard />
      </div>
    </>
  );
}
