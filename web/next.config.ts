import type { NextConfig } from "next";

const building = process.env.NODE_ENV === "production";
const api = process.env.ROWHOUSE_API ?? "http://127.0.0.1:8000";

/** Production is a static export that the API serves itself; `next dev` passes API calls on to a running one. */
const config: NextConfig = {
  images: { unoptimized: true },
  reactStrictMode: true,
  // `pnpm types` is the check; doing it again here would triple the time of a build.
  typescript: { ignoreBuildErrors: true },
  ...(building
    ? { output: "export" as const }
    : {
        allowedDevOrigins: ["127.0.0.1"],
        rewrites: async () => [{ source: "/api/:path*", destination: `${api}/api/:path*` }],
      }),
};

export default config;
