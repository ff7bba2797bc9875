import * as t from "@/texts/en";

/** Why a sign-in came back without a session. */
export default function Refusal({ code }: { code: string }) {
  const text = code === "over" ? t.ways.challengeOver : (t.ways.refused[code] ?? t.ways.refusedOtherwise);
  return (
    <p role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3 text-bad">
      {text}
    </p>
  );
}
