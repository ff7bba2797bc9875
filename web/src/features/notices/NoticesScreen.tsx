"use client";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import type { Notice } from "./calls";
import { NoticeRow } from "./NoticeRow";
import { useMarkAllRead, useNotices } from "./queries";

const n = t.notices;

/** What one was told, the newest first; which of it is shown stands in the address. */
export function NoticesScreen() {
  const [address, setAddress] = useQueryState();
  const onlyUnread = address.show === "unread";
  const found = useNotices(onlyUnread);
  const notices = found.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <PageHeader title={n.title} lead={n.lead}>
        <LinkButton href="/settings/notices">{n.choose}</LinkButton>
      </PageHeader>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2">
        <fieldset className="flex gap-1">
          <legend className="sr-only">{n.show}</legend>
          {(["", "unread"] as const).map((show) => (
            <Button
              key={show}
              look={onlyUnread === (show === "unread") ? "secondary" : "quiet"}
              aria-pressed={onlyUnread === (show === "unread")}
              onClick={() => setAddress({ show })}
            >
              {show ? n.onlyUnread : n.all}
            </Button>
          ))}
        </fieldset>
        <MarkAll notices={notices ?? []} />
      </div>
      <Loaded of={{ ...found, data: notices }} rows={4}>
        {(shown) =>
          shown.length === 0 ? (
            <Nothing onlyUnread={onlyUnread} onAll={() => setAddress({ show: "" })} />
          ) : (
            <>
              <ul
                aria-label={n.list}
                className="divide-y divide-line rounded-xl border border-line bg-surface"
              >
                {shown.map((notice) => (
                  <NoticeRow key={notice.id} notice={notice} />
                ))}
              </ul>
              {found.hasNextPage && (
                <div className="mt-3">
                  <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                    {t.common.more}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}

function MarkAll({ notices }: { notices: readonly Notice[] }) {
  const mark = useMarkAllRead();
  const newest = notices[0];
  if (mark.error) return <ProblemNotice error={mark.error} />;
  if (!newest || notices.every((notice) => notice.read_at !== null)) return null;
  return (
    <Button look="quiet" busy={mark.isPending} onClick={() => mark.mutate(newest.id)}>
      {n.markAll}
    </Button>
  );
}

function Nothing({ onlyUnread, onAll }: { onlyUnread: boolean; onAll(): void }) {
  if (!onlyUnread) return <Empty title={n.emptyTitle} text={n.emptyText} />;
  return (
    <Empty title={n.allReadTitle} text={n.allReadText}>
      <Button onClick={onAll}>{n.showAll}</Button>
    </Empty>
  );
}
