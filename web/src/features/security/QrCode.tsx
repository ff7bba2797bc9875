import encodeQR from "qr";
import { useMemo } from "react";

const QUIET = 4;

/** Text as a QR code: dark on white in either theme, since not every camera reads it the other way round. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(
    () => drawn(encodeQR(text, "raw", { ecc: "medium", border: QUIET })),
    [text],
  );
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 rounded-lg border border-line"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** One path for all dark modules, a run of them at a time. */
export function drawn(modules: readonly (readonly boolean[])[]): { size: number; path: string } {
  const runs = modules.flatMap((row, y) =>
    row.flatMap((dark, x) => {
      if (!dark || row[x - 1]) return [];
      const end = row.indexOf(false, x);
      return [`M${x} ${y}h${(end < 0 ? row.length : end) - x}v1H${x}z`];
    }),
  );
  return { size: modules.length, path: runs.join("") };
}
