import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { AuthFrame } from "./AuthFrame";

type Props = { title: string; text: string; href: string; action?: string };

/** A page whose link is missing, expired or used, and where to get another. */
export function DeadLink({ title, text, href, action = t.ways.toSignIn }: Props) {
  return (
    <AuthFrame title={title}>
      <p role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3 text-bad">
        {text}
      </p>
      <LinkButton href={href} look="primary">
        {action}
      </LinkButton>
    </AuthFrame>
  );
}
