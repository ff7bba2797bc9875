"use client";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "@/lib/classes";
import { Link } from "@/lib/nav";

export type Look = "primary" | "secondary" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent border-transparent hover:brightness-110",
  secondary: "bg-surface text-fg border-control/60 hover:bg-sunken",
  quiet: "bg-transparent text-fg border-transparent hover:bg-sunken",
  danger: "bg-bad text-white dark:text-on-accent border-transparent hover:brightness-110",
};

export const buttonClass = (look: Look = "secondary", icon = false) =>
  cx(
    "inline-flex min-h-9 pointer-coarse:min-h-11 items-center justify-center gap-2 rounded-md border text-sm font-medium whitespace-nowrap",
    "disabled:opacity-55 disabled:cursor-not-allowed aria-disabled:opacity-55",
    icon ? "w-9 pointer-coarse:w-11 shrink-0" : "px-3.5",
    LOOKS[look],
  );

type Props = ComponentProps<"button"> & { look?: Look; busy?: boolean; icon?: boolean };

/** A button; `busy` shows a spinner, keeps its width and its focus, and ignores further clicks. */
export function Button({
  look,
  busy = false,
  icon = false,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: Props) {
  return (
    <button
      type={type}
      className={cx(buttonClass(look, icon), className)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy && <span className="spinner size-3.5 shrink-0" aria-hidden />}
      {children}
    </button>
  );
}

/** A button of one icon; `label` is its accessible name and its tooltip. */
export function IconButton({ label, look = "quiet", ...rest }: Omit<Props, "icon"> & { label: string }) {
  return <Button icon look={look} aria-label={label} title={label} {...rest} />;
}

export function LinkButton({ href, look, children }: { href: string; look?: Look; children: ReactNode }) {
  return (
    <Link href={href} className={buttonClass(look)}>
      {children}
    </Link>
  );
}
