"use client";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useEffect } from "react";
import { listErrors } from "@/lib/api";
import * as t from "@/texts/en";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** The dictionary of error codes; the `type` of a problem leads to its row. */
export function ErrorsScreen() {
  const errors = useQuery({ queryKey: ["errors"], queryFn: listErrors });
  const known = errors.isSuccess;
  useEffect(() => {
    // The rows come after the page: the browser has not found the one in the address and looks again.
    if (known && window.location.hash) window.location.replace(window.location.hash);
  }, [known]);
  return (
    <main className="mx-auto w-full max-w-3xl px-4 py-10 md:px-6">
      <a href="/docs" className="inline-flex min-h-6 items-center text-accent hover:underline">
        {t.docs.api}
      </a>
      <h1 className="mt-3 text-xl font-semibold tracking-tight">{t.docs.errorsTitle}</h1>
      <p className="mt-1 max-w-prose text-muted">{t.docs.errorsLead}</p>
      <div className="mt-6">
        {errors.isPending && <div aria-busy="true" className="skeleton h-128" />}
        {errors.isError && <ProblemNotice error={errors.error} onRetry={() => void errors.refetch()} />}
        {errors.data && <ErrorTable errors={errors.data} />}
      </div>
    </main>
  );
}

type Known = { code: string; status: number; title: string };

function ErrorTable({ errors }: { errors: readonly Known[] }) {
  return (
    <table className="w-full border-collapse text-left">
      <thead className="text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="py-2 pr-4 font-medium">
            {t.docs.code}
          </th>
          <th scope="col" className="py-2 pr-4 text-right font-medium">
            {t.docs.status}
          </th>
          <th scope="col" className="py-2 font-medium">
            {t.docs.meaning}
          </th>
        </tr>
      </thead>
      <tbody>
        {errors.map(({ code, status, title }) => (
          <tr
            key={code}
            id={code}
            className="scroll-mt-24 border-b border-line align-top target:bg-accent-soft"
          >
            <th scope="row" className="py-2.5 pr-4 font-medium sm:whitespace-nowrap">
              <a href={`#${code}`} className="hover:text-accent hover:underline">
                {code.split(/(?<=_)/).map((word, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the words of a code never move
                  <Fragment key={n}>
                    {word}
                    <wbr />
                  </Fragment>
                ))}
              </a>
            </th>
            <td className="figures py-2.5 pr-4 text-right">{status}</td>
            <td className="py-2.5">{title}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
