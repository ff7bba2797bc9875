import * as t from "@/texts/en";
import { Chip, type Tone } from "@/ui/Chip";
import type { State } from "./calls";

const TONES: Record<State, Tone> = {
  provisioning: "accent",
  active: "ok",
  suspended: "warn",
  deleted: "bad",
  erased: "plain",
};

export const StateChip = ({ state }: { state: State }) => (
  <Chip tone={TONES[state]}>{t.operator.states[state]}</Chip>
);
