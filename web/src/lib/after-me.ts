type Asked = { error: unknown; refetch(): unknown };

/** A query that waits to know who asks: while that can't be had, its failure is the query's own, and trying again begins
 * there. */
export function afterMe<Query extends Asked>(query: Query, me: Asked & { data: unknown }): Query & Asked {
  if (me.data !== undefined || !me.error) return query;
  return { ...query, error: me.error, refetch: () => me.refetch() };
}
