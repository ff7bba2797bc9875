import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { said, useCountdown } from "@/ui/ProblemNotice";
import { Row, RowSkeleton } from "./Row";

type Query = { isPending: boolean; isError: boolean; error: unknown; refetch(): unknown };
/** How high the list is at least, so that nothing below it jumps whatever comes of loading it. */
const HEIGHT = { 1: "min-h-16.5", 2: "min-h-33 max-sm:min-h-59" } as const;

type Props = {
  title: string;
  lead: string;
  query: Query;
  rows?: keyof typeof HEIGHT;
  actions?: ReactNode;
  /** What one of its buttons could not do. */
  failed?: ReactNode;
  children: ReactNode;
};

/** A section of rows with its loading and failing states. `query` brings the rows; what it failed at can be retried. */
export function RowCard({ title, lead, query, rows = 1, actions, failed, children }: Props) {
  const content = query.isPending ? <RowSkeleton rows={rows} /> : children;
  return (
    <Card title={title} lead={lead} actions={actions} flush>
      <ul className={cx("divide-y divide-line border-t border-line", HEIGHT[rows])}>
        {query.isError ? <FailedRow query={query} /> : content}
      </ul>
      {failed && <div className="border-t border-line p-5">{failed}</div>}
    </Card>
  );
}

function FailedRow({ query }: { query: Query }) {
  const again = () => void query.refetch();
  const wait = useCountdown(query.error, again);
  const { title, text } = said(query.error, wait);
  return (
    <Row
      icon={<TriangleAlert size={18} aria-hidden className="text-bad" />}
      title={
        <span role="alert" className="text-bad">
          {title}
        </span>
      }
      text={text}
    >
      <Button onClick={again} disabled={wait > 0}>
        {t.common.retry}
      </Button>
    </Row>
  );
}
