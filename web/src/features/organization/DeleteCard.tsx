"use client";
import { lazy, Suspense, useState } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import type { Organization } from "./calls";

const DeleteDialog = lazy(() => import("./DeleteDialog"));
const d = t.organization.danger;

export function DeleteCard({ organization }: { organization: Organization }) {
  const [asking, setAsking] = useState(false);
  return (
    <Card title={d.title} lead={d.lead}>
      <Button onClick={() => setAsking(true)}>
        <span className="text-bad">{d.action}</span>
      </Button>
      <Suspense>
        {asking && <DeleteDialog organization={organization} onClose={() => setAsking(false)} />}
      </Suspense>
    </Card>
  );
}
