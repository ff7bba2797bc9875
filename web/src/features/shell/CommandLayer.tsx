"use client";
import { createContext, lazy, type ReactNode, Suspense, use, useMemo, useState } from "react";
import { useNavigate } from "@/lib/nav";
import { useShortcuts } from "@/lib/shortcuts";

const Palette = lazy(() => import("./Palette"));
const KeySheet = lazy(() => import("./KeySheet"));

type Commands = { openPalette(): void; showKeys(): void };
const Context = createContext<Commands>({ openPalette: () => {}, showKeys: () => {} });
export const useCommands = () => use(Context);

/** The palette, the sheet of shortcuts and the keys that work on every page. */
export function CommandLayer({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const [loaded, setLoaded] = useState(false);
  const navigate = useNavigate();
  const commands = useMemo(() => {
    const show = (what: "palette" | "keys") => {
      setLoaded(true);
      setOpen(what);
    };
    return { openPalette: () => show("palette"), showKeys: () => show("keys") };
  }, []);
  useShortcuts({
    "mod+k": () => (open === "palette" ? setOpen(null) : commands.openPalette()),
    "?": commands.showKeys,
    "g h": () => navigate.to("/today"),
    "g w": () => navigate.to("/workouts"),
    "g l": () => navigate.to("/load"),
    "g t": () => navigate.to("/thresholds"),
    "g b": () => navigate.to("/biometrics"),
    "g a": () => navigate.to("/athletes"),
    "g c": () => navigate.to("/calendar"),
    "g p": () => navigate.to("/sources"),
    "g u": () => navigate.to("/uploads"),
    "g d": () => navigate.to("/duplicates"),
    "g n": () => navigate.to("/notices"),
    "g j": () => navigate.to("/jobs"),
    "g o": () => navigate.to("/organization/members"),
    "g s": () => navigate.to("/settings"),
  });
  return (
    <Context value={commands}>
      {children}
      {loaded && (
        <Suspense>
          <Palette open={open === "palette"} onClose={() => setOpen(null)} onKeys={commands.showKeys} />
          <KeySheet open={open === "keys"} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </Context>
  );
}
