import type { Metadata } from "next";
import { ErrorsScreen } from "@/features/docs/ErrorsScreen";
import { Providers } from "@/features/shell/Providers";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.docs.errorsTitle };

export default function Page() {
  return (
    <Providers>
      <ErrorsScreen />
    </Providers>
  );
}
