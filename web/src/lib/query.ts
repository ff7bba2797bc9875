import { QueryClient } from "@tanstack/react-query";
import { isProblem } from "@/lib/api";

const transient = (error: unknown) => isProblem(error) && (error.status === 0 || error.status >= 500);

/** Reading is repeated twice when the server or the line fails; writing never is. Failing shows at once offline. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        retry: (count, error) => transient(error) && count < 2,
        retryDelay: (count, error) =>
          Math.min(
            15_000,
            Math.max(700 * 2 ** count, isProblem(error) ? (error.retryAfter_s ?? 0) * 1000 : 0),
          ),
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: "always" },
    },
  });
}
