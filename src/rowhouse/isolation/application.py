"""Rules for the application's side: routes, job kinds, events, Redis keys, storage keys."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

import rowhouse
from rowhouse.isolation import declared_keys
from rowhouse.isolation.declared_routes import OPEN_ROUTES, PERSONAL, SENSITIVE
from rowhouse.isolation.rows import Row
from rowhouse.kernel import redis as redis_keys
from rowhouse.kernel.events.event import Event
from rowhouse.kernel.http.edge import Declaration, declaration_of
from rowhouse.kernel.registry import Registry

SOURCE = Path(rowhouse.__file__).parent
STORAGE_CALLS = frozenset({"put", "get", "stream", "download", "delete", "size", "exists", "list"})


@dataclass(frozen=True, slots=True)
class Door:
    """A route as it is served: `METHOD /path`, what it declares (one or none, else it is in doubt)."""

    name: str
    declarations: tuple[Declaration, ...]


def judge_application(app: FastAPI, registry: Registry) -> Iterator[Row]:
    """One row for each way in and each name under which the application keeps something."""
    for door in doors(app):
        yield judge_door(door, frozenset(registry.permissions))
    apps = {app.name for app in registry.apps}
    for name in registry.jobs:
        yield Row("job", name, "its row's organization and account", faults=_prefix_faults(name, apps))
    for event in every_event():
        yield Row(
            "event", event, "tenant + account_fence of kernel.outbox", faults=_prefix_faults(event, apps)
        )
    yield from judge_redis_keys()
    yield from judge_storage_keys(SOURCE)


def doors(app: FastAPI) -> Iterator[Door]:
    """Every route of the application, those of included routers too."""
    for route in iter_route_contexts(app.routes):
        found = getattr(route, "dependant", None)
        declarations = [declaration_of(sub.call) for sub in found.dependencies] if found else []
        for method in sorted(set(getattr(route, "methods", None) or {"ANY"}) - {"HEAD"}):
            yield Door(f"{method} {route.path}", tuple(d for d in declarations if d))


def judge_door(door: Door, permissions: frozenset[str]) -> Row:
    reason = OPEN_ROUTES.get(door.name, "")
    if not door.declarations:
        return Row("route", door.name, "open", reason, () if reason else ("declares no way in",))
    if len(door.declarations) > 1:
        return Row("route", door.name, "open", reason, ("declares several ways in",))
    [declaration] = door.declarations
    if declaration.way_in not in ("account", "operator"):
        faults = () if reason else (f"is open ({declaration.way_in}) without a declared reason",)
        return Row("route", door.name, declaration.way_in, reason, faults)
    sensitive = door.name in SENSITIVE
    if declaration.recent != sensitive:
        said = "asks for a recent proof undeclared" if declaration.recent else "lost its recent proof"
        return Row("route", door.name, "account", faults=(said,))
    if declaration.permission is None:
        known = PERSONAL.get(door.name, "")
        return Row("route", door.name, "account", known, () if known else ("asks for no permission",))
    faults = (
        ()
        if declaration.permission in permissions
        else (f"asks for {declaration.permission}, which no app declares",)
    )
    return Row("route", door.name, declaration.permission, faults=faults)


def every_event(root: type[Event] = Event) -> Iterator[str]:
    """The types of all our events that are loaded."""
    for child in root.__subclasses__():
        if "type" in vars(child) and child.__module__.startswith("rowhouse."):
            yield child.type
        yield from every_event(child)


def judge_redis_keys() -> Iterator[Row]:
    """The builders of kernel/redis.py: those that are not declared must begin their key with the organization."""
    tree = ast.parse(inspect.getsource(redis_keys))
    for name, key in _key_makers(tree):
        if name in declared_keys.REDIS_KEYS:
            yield Row("redis key", f"{name}: {key}", "platform", declared_keys.REDIS_KEYS[name])
        else:
            faults = (
                ()
                if key.startswith("org:{organization_id}:")
                else ("does not begin with org:{organization_id}:",)
            )
            yield Row("redis key", f"{name}: {key}", "tenant", faults=faults)


def judge_storage_keys(source: Path) -> Iterator[Row]:
    """Every `organization_key(…)` in the source, and every key that is spelled out beside it."""
    for path in sorted(source.rglob("*.py")):
        for call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(source).as_posix()}:{call.lineno}"
            if _called(call) == "organization_key":
                yield _organization_key(call, where)
            elif _called(call) in STORAGE_CALLS and _on_storage(call) and _literal(call.args):
                key = ast.unparse(call.args[0]).strip("'\"")
                reason = declared_keys.STORAGE_KEYS.get(key, "")
                faults = () if reason else ("is spelled out, not made by organization_key",)
                yield Row("storage key", f"{key} ({where})", "platform", reason, faults)


def _organization_key(call: ast.Call, where: str) -> Row:
    first = ast.unparse(call.args[0]) if call.args else ""
    name = "/".join(["org", "{organization}", *(ast.unparse(a).strip("'\"") for a in call.args[1:])])
    trusted = first in ("ctx.org", "organization_id", "identity.organization_id")
    faults = () if trusted else (f"takes the organization from {first}, not from the context",)
    return Row("storage key", f"{name} ({where})", "tenant", faults=faults)


def _key_makers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions that return a text, and constants that are one: name and key."""
    for node in tree.body:
        if (
            isinstance(node, ast.FunctionDef)
            and isinstance(node.returns, ast.Name)
            and node.returns.id == "str"
        ):
            [returned] = [n for n in ast.walk(node) if isinstance(n, ast.Return)]
            yield node.name, ast.unparse(returned.value or ast.Constant("")).removeprefix("f").strip("'\"")
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(key))):
                yield name, key


def _prefix_faults(name: str, apps: set[str]) -> tuple[str, ...]:
    return () if name.partition(".")[0] in apps else ("its name does not begin with its app's",)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _on_storage(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).endswith("storage")


def _literal(arguments: Sequence[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], (ast.Constant, ast.JoinedStr))
