"use client";
import NextLink from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { type ComponentProps, useCallback, useMemo } from "react";

/** The only module that knows the framework's router: features navigate by what is here. */
export { usePathname };

export function Link({ prefetch = false, ...props }: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={prefetch} {...props} />;
}

export function useNavigate(): { to(href: string): void; replace(href: string): void; back(): void } {
  const router = useRouter();
  return useMemo(
    () => ({
      to: (href) => router.push(href),
      replace: (href) => router.replace(href),
      back: () => router.back(),
    }),
    [router],
  );
}

/** The id of an address such as `/workouts/<id>`. A static export calls every parameter "_", so the path tells. */
export function useIdInPath(): string {
  return usePathname().split("/").at(-1) ?? "";
}

/** The query of the address, and a way to change some of it in place; an empty value removes its key. */
export function useQueryState(): [
  Readonly<Record<string, string>>,
  (change: Record<string, string>) => void,
] {
  const params = useSearchParams();
  const path = usePathname();
  const query = useMemo(() => Object.fromEntries(params), [params]);
  const set = useCallback(
    (change: Record<string, string>) => {
      const next = new URLSearchParams(window.location.search);
      for (const [key, value] of Object.entries(change)) value ? next.set(key, value) : next.delete(key);
      const text = next.toString();
      // Not through the router: its address lags behind, and the second of two quick changes would undo the first.
      window.history.replaceState(null, "", text ? `${path}?${text}` : path);
    },
    [path],
  );
  return [query, set];
}

const field = (sort = "") => sort.replace(/^-/, "");

/** The order of a list as it stands in the address, in the API's words: by one of these, `usual` unless it says so. */
export function useSorting(usual: string, ...others: string[]): { sort: string; onSort(sort: string): void } {
  const [address, setAddress] = useQueryState();
  const known = [field(usual), ...others].includes(field(address.sort));
  return {
    sort: (known && address.sort) || usual,
    onSort: (sort) => setAddress({ sort: sort === usual ? "" : sort }),
  };
}
