import type { Metadata } from "next";
import { WebhooksScreen } from "@/features/webhooks/WebhooksScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.webhooks.title };

export default function Page() {
  return <WebhooksScreen />;
}
