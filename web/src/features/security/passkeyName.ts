import * as t from "@/texts/en";

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "Chromebook"],
  [/Mac OS/, "Mac"],
  [/Windows/, "Windows"],
  [/Linux/, "Linux"],
];

/** A name for a passkey that is made on this device, to begin with: "Mac passkey". */
export function suggestedName(userAgent: string): string {
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent));
  return system ? t.security.passkeys.here(system[1]) : "";
}
