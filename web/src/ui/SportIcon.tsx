import {
  Activity,
  Bike,
  Dumbbell,
  Footprints,
  Mountain,
  MountainSnow,
  PersonStanding,
  Sailboat,
  Trophy,
  Volleyball,
  Waves,
} from "lucide-react";
import type { ComponentType } from "react";

const ICONS: Record<string, ComponentType<{ size?: number; "aria-hidden"?: boolean; className?: string }>> = {
  ride: Bike,
  run: Footprints,
  walk: PersonStanding,
  hike: Mountain,
  climb: Mountain,
  swim: Waves,
  row: Waves,
  paddle: Sailboat,
  water: Sailboat,
  ski: MountainSnow,
  strength: Dumbbell,
  fitness: Dumbbell,
  team: Volleyball,
  multisport: Trophy,
};

export function SportIcon({ sport, size = 18 }: { sport: string; size?: number }) {
  const Icon = ICONS[sport] ?? Activity;
  return <Icon size={size} aria-hidden className="shrink-0" />;
}
