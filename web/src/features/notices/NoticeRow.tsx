"use client";
import {
  Bell,
  Building2,
  Check,
  Download,
  Hourglass,
  type LucideIcon,
  ShieldAlert,
  TriangleAlert,
  Upload,
  UserMinus,
  UserPlus,
  UserRound,
  Webhook,
} from "lucide-react";
import { cx } from "@/lib/classes";
import { ago } from "@/lib/format";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import type { Notice } from "./calls";
import { useMarkRead } from "./queries";

const ICONS: Record<string, LucideIcon> = {
  "kernel.security": ShieldAlert,
  "kernel.organization": Building2,
  "kernel.membership": UserRound,
  "kernel.invitation_accepted": UserPlus,
  "kernel.sharing_ended": UserMinus,
  "kernel.webhook_disabled": Webhook,
  "kernel.export_ready": Download,
  "kernel.job_failed": TriangleAlert,
  "fitness.import": Upload,
  "fitness.source_failing": TriangleAlert,
  "fitness.quota": Hourglass,
  "fitness.quota_used": Hourglass,
};

/** One notice; who opens what it tells of has read it. */
export function NoticeRow({ notice }: { notice: Notice }) {
  const mark = useMarkRead();
  const unread = notice.read_at === null;
  const Icon = ICONS[notice.kind] ?? Bell;
  return (
    <li className="flex items-start gap-3 px-4 py-3.5 sm:px-5">
      <Icon size={18} aria-hidden className={cx("mt-0.5 shrink-0", unread ? "text-accent" : "text-muted")} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
          <Link
            href={notice.href}
            onClick={() => unread && mark.mutate(notice.id)}
            className={cx("text-sm hover:underline", unread && "font-semibold")}
          >
            {notice.title}
          </Link>
          {unread && (
            <span className="size-2 rounded-full bg-accent">
              <span className="sr-only">{t.notices.isUnread}</span>
            </span>
          )}
          <time dateTime={notice.created_at} className="text-xs text-muted">
            {ago(notice.created_at)}
          </time>
        </p>
        <p className="mt-0.5 max-w-prose text-sm text-pretty wrap-anywhere text-muted">{notice.text}</p>
      </div>
      {unread && (
        <IconButton
          label={t.notices.markRead(notice.title)}
          busy={mark.isPending}
          onClick={() => mark.mutate(notice.id)}
        >
          <Check size={16} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
