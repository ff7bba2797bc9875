"""The data-flow page, made from what the code declares: tables, columns, reasons, retention, where things go."""

from collections.abc import Iterator

from sqlalchemy import Column, Table

from rowhouse.kernel.privacy.holdings import Holding, is_credential, tables, whose
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings

STAMPS = frozenset({"created_at", "updated_at", "created_by", "updated_by", "version"})

HEAD = """\
# Privacy

Which personal data there is, why, for how long, and where it goes. The tables below are made from the code
(`rowhouse docs privacy`); `scripts/check.sh` fails when they differ. Nothing leaves an installation but to the mail
server and the providers that its operator configures.

"""

ARTICLES = """\
## What the law asks for, and where it is

The General Data Protection Regulation, article by article. An operator is the controller or processor; this is what the
software gives them. Legal advice it is not.

| article | what | in Rowhouse |
| --- | --- | --- |
| 5(1)(c) | minimisation | a table without a reason fails a test; logs carry identifiers, never emails, names or tokens |
| 5(1)(e) | storage limitation | rules of retention, run daily; what goes of an organization was counted by the run of a day before, but for what terms of use limit, which goes by the hour: `GET /api/v1/privacy/retention`, `rowhouse privacy retention --dry-run` |
| 5(2), 30 | accountability, records of processing | this page; the audit log, chained and verifiable |
| 6, 7 | lawfulness, consent | terms by version in onboarding; consents by purpose, given and withdrawn: `/api/v1/privacy/consents` |
| 9 | health data | a wall of its own: an athlete's rows are theirs and their grantees' alone, by policy of the database |
| 13, 14 | information | this page, and the page "Privacy" of the web front end |
| 15, 20 | access, portability | `POST /api/v1/privacy/export`: a ZIP with JSON, CSV, Parquet, originals and a manifest |
| 16 | rectification | names, addresses, workouts are edited where they are shown |
| 17 | erasure | `DELETE /api/v1/account`, deletion of organizations; certificates that `rowhouse privacy verify-certificate` checks |
| 18, 21 | restriction, objection | suspension of an account or organization; withdrawal of a consent stops what rests on it |
| 19 | telling recipients | connections are revoked at the provider when an account goes, as far as an app declares it |
| 25 | by design and default | two walls inside PostgreSQL, exports and erasure of new tables without anybody thinking of it |
| 32 | security | sealed secrets, step-up before exports and deletion, signed links that are good for one account and an hour |
| 33, 34 | breaches | security events with mail; the audit log says what was read by whom |

## Erasure

A person proves who they are and asks; for seven days a mailed link calls it off; then the scheduler erases, step by
step: sessions and keys end, organizations that nobody else belongs to go, then every account's rows, files and cache
keys, then what is the person's own. Their row stays as an id without a person, since what others did names it. The
values that the audit log holds of them lie under a key of their own, which is destroyed; its entries keep an id, and
of each act the address and browser it came from, until that month is dropped. An organization's log goes with it,
all but the entry that tells of the erasure.

What was erased is written into a ledger outside of the database. After a backup was restored, `rowhouse privacy
reapply` erases all whom it names again; a restored installation is not finished before.

## Archives

Where an organization's settings say `archive_on_erasure`, an encrypted archive outlives it for `archive_days`. It lies
outside of what is erased, its key is opened by the master key alone, and the erasure's report names it. Nobody but
operators opens it, with a reason that is recorded: `rowhouse privacy open-archive`. A person who erases themselves leaves none.
"""


UNSET = Settings.model_construct()


def describe(registry: Registry) -> str:
    """The page, stable between runs."""
    return HEAD + "".join(_apps(registry)) + "".join(_rest(registry)) + ARTICLES


def undescribed(registry: Registry) -> list[str]:
    """Tables for which no app says why they are there, and reasons for tables that are gone."""
    known = {str(table) for table in tables()}
    return sorted(known ^ registry.holdings.keys())


def _apps(registry: Registry) -> Iterator[str]:
    kept = {rule.table: rule for rule in registry.retention if rule.table is not None}
    for schema in sorted({str(table.schema) for table in tables()}):
        yield f"## Tables of {schema}\n\n| table | why | of whom | personal | kept | goes to |\n"
        yield "| --- | --- | --- | --- | --- | --- |\n"
        for table in sorted((t for t in tables() if t.schema == schema), key=str):
            holding = registry.holdings.get(str(table))
            rule = kept.get(str(table))
            days = f"{rule.days} days" if rule else "with its owner"
            yield (
                "| "
                + " | ".join(
                    (
                        f"`{table.name}`",
                        holding.why if holding else "?",
                        _of_whom(table),
                        _personal(table, holding),
                        "months" if schema == "audit" else days,
                        ", ".join(holding.goes_to) if holding and holding.goes_to else "—",
                    )
                )
                + " |\n"
            )
        yield "\n"


def _rest(registry: Registry) -> Iterator[str]:
    yield "## How long\n\n| rule | what | days | an organization may choose |\n| --- | --- | --- | --- |\n"
    for rule in registry.retention:
        choice = f"{rule.days} to {rule.maximum}" if rule.chosen else "no"
        days = rule.days if rule.under(UNSET) else "as set, if any"
        yield f"| `{rule.name}` | {rule.what} | {days} | {choice} |\n"
    yield "| exports | Files of exports | 7 | no |\n"
    yield "| audit log | By whole months, `ROWHOUSE_AUDIT_RETENTION_DAYS` | 730 | no: export it |\n\n"
    yield "## Consents\n\n| purpose | version | presumed with the terms | words |\n| --- | --- | --- | --- |\n"
    for purpose in registry.purposes.values():
        presumed = "yes" if purpose.presumed else "no"
        yield f"| `{purpose.name}` | {purpose.version} | {presumed} | {purpose.text} |\n"
    yield (
        "\n## Elsewhere\n\n| where | what |\n| --- | --- |\n"
        "| storage, `org/{organization}/…` | original files, uploads on their way in, exports, signed heads of the audit log |\n"
        "| storage, `platform/…` | the ledger of erasures (ids), beginnings of audit chains (hashes), encrypted archives |\n"
        "| Redis | states of sessions, counters under hashed subjects, marks that name ids, how much of outside services' limits is used; no names, no addresses |\n"
        "| logs | ids of organization, person, account, request; what looks like a secret or an address is cut out |\n"
        "| mail server | the address, and what the mail says |\n"
        "| map tiles, where `ROWHOUSE_TILES_URL` names a server | once an athlete has turned streets and places on, their"
        " browser asks it for pictures while a track is in view: their network address, and roughly where the track is;"
        " no name, no cookie, no address of the page |\n\n"
    )


def _of_whom(table: Table) -> str:
    return {
        "account": "account",
        "person": "person",
        "organization": "organization",
        "platform": "nobody",
    }[whose(table)]


def _personal(table: Table, holding: Holding | None) -> str:
    if holding is not None and holding.personal is not None:
        return ", ".join(f"`{name}`" for name in holding.personal) or "none"
    if whose(table) == "platform":
        return "none"
    return ", ".join(f"`{c.name}`" for c in table.columns if _tells(c)) or "none"


def _tells(column: Column[object]) -> bool:
    """Whether a column of somebody's row says something of them: neither a key, a stamp nor a credential."""
    plain = column.name in STAMPS or column.name == "organization_id" or column.name.endswith("_id")
    return not plain and not column.primary_key and not is_credential(column)
