import * as t from "@/texts/en";

/** Where the files of each maker lie. */
export function WhereFiles() {
  return (
    <section aria-labelledby="where" className="mt-8">
      <h2 id="where" className="text-base font-semibold">
        {t.uploads.where.title}
      </h2>
      <dl className="mt-3 grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {t.uploads.where.items.map(([who, how]) => (
          <div key={who}>
            <dt className="font-medium">{who}</dt>
            <dd className="mt-0.5 text-muted">{how}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
