"""Schemas, and the functions that read the context a transaction was given."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = ("app", "kernel", "fitness", "audit")

# STABLE, never IMMUTABLE: a cached plan would serve one tenant's answer to another. After COMMIT a local setting
# reads as '' rather than NULL, hence nullif.
CONTEXT = {
    "org": "organization_id",
    "person": "user_id",
    "account": "account_id",
}


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO app_user, app_admin, rowhouse_resolver")
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    # Health compares the database's revision with the code's.
    op.execute("GRANT SELECT ON public.alembic_version TO app_user, app_admin")
    for function, setting in CONTEXT.items():
        op.execute(
            f"CREATE FUNCTION app.{function}() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS"
            f" $$ SELECT nullif(current_setting('rowhouse.{setting}', true), '')::uuid $$"
        )
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{function}() TO app_user, app_admin, rowhouse_resolver")
    op.execute(
        """
        CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.created_at := OLD.created_at;
            NEW.created_by := OLD.created_by;
            NEW.updated_at := now();
            NEW.updated_by := app.account();
            RETURN NEW;
        END $$
        """
    )
    op.execute("GRANT EXECUTE ON FUNCTION app.stamp() TO app_user, app_admin")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON public.alembic_version FROM app_user, app_admin")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    op.execute("DROP FUNCTION app.stamp()")
    for function in CONTEXT:
        op.execute(f"DROP FUNCTION app.{function}()")
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema}")
