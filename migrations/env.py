"""Runs migrations as `rowhouse_owner`, one transaction each.

They are written by hand, and this knows no models: who compares the two is `rowhouse migrations`.
"""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config


def run() -> None:
    engine = create_engine(config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            include_schemas=True,
            transaction_per_migration=True,
            version_table_schema="public",
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
