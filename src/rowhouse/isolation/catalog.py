"""What PostgreSQL's catalog says about a database, as plain values: rules judge these, tests make bad ones up."""

from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC = "PUBLIC"


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege of one role. `column` is None for the whole object."""

    grantee: str
    privilege: str
    column: str | None = None
    grantable: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A row-level policy; `command` is SELECT, INSERT, UPDATE, DELETE or ALL, expressions are `normal`."""

    name: str
    permissive: bool
    command: str
    roles: frozenset[str]
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique or excluding index. An expression shows as an empty column name."""

    name: str
    columns: tuple[str, ...]
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: its columns and, in the same order, those of the table it leads to."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, partition, view, materialized view, foreign table or sequence, by `schema.name`.

    `kind` is pg_class.relkind; `columns` says of each whether it is NOT NULL.
    """

    name: str
    kind: str
    owner: str
    columns: Mapping[str, bool]
    secured: bool = False
    forced: bool = False
    partition_of: str | None = None
    partitioned_by: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    policies: tuple[Policy, ...] = ()
    uniques: tuple[Unique, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def schema(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure by `schema.name(argument types)`; `volatility` is i, s or v."""

    name: str
    owner: str
    definer: bool
    volatility: str
    leakproof: bool
    settings: tuple[str, ...]
    body: str
    grants: tuple[Grant, ...] = ()

    @property
    def schema(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Role:
    """A role's attributes; `inherits` are the roles whose rights it has without asking, `becomes` all it can be."""

    name: str
    login: bool
    powers: frozenset[str]
    inherits: frozenset[str] = frozenset()
    becomes: frozenset[str] = frozenset()
    owns: int = 0
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    name: str
    owner: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultGrant:
    """What objects that `owner` makes from now on are granted by themselves; `kind` is r, S, f, T or n."""

    owner: str
    kind: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """One database. `settings` are what it sets for every session."""

    relations: tuple[Relation, ...] = ()
    functions: tuple[Function, ...] = ()
    roles: tuple[Role, ...] = ()
    schemas: tuple[Schema, ...] = ()
    defaults: tuple[DefaultGrant, ...] = ()
    database: tuple[Grant, ...] = ()
    settings: tuple[str, ...] = ()
