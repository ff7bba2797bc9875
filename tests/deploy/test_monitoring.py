"""The alert rules, the dashboards and who is told: judged by Prometheus' own tools, against what is really exported."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from rowhouse.installed import registry
from rowhouse.kernel.settings import Settings
from tests.deploy.faults import FAULTS, UP, Fault
from tests.live import LiveRun

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules" / "rowhouse.yml"
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
MONITORING = ROOT / "docs" / "operations" / "monitoring.md"
NAME = re.compile(r"\browhouse_[a-z_]+")
SCRAPED = ("api", "worker", "scheduler", "backup")
"""In the order of their ports."""
ENDINGS = ("_bucket", "_count", "_sum", "_total")


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def run(program: str, *arguments: str | Path) -> str:
    """Of the tools that scripts/bootstrap.sh unpacks for the tests."""
    path = ROOT / ".rowhouse" / "tools" / "prometheus" / program
    if not path.exists():
        pytest.skip(f"{program} is not here: scripts/bootstrap.sh tests fetches it on Debian")
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def filled(text: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)


def expected(alert: str, fault: Fault, rule: dict[str, Any]) -> dict[str, Any]:
    told = [
        {
            "exp_labels": {**rule["labels"], **labels},
            "exp_annotations": {
                name: filled(text, dict(labels)) for name, text in rule["annotations"].items()
            },
        }
        for labels in fault.labels
    ]
    return {"eval_time": f"{fault.minutes}m", "alertname": alert, "exp_alerts": told}


def scenario(series: dict[str, str], checks: list[dict[str, Any]]) -> dict[str, Any]:
    given = [{"series": name, "values": values} for name, values in ({**UP, **series}).items()]
    return {"interval": "1m", "input_series": given, "alert_rule_test": checks}


def test_each_alert_fires_on_its_fault_and_on_nothing_else(tmp_path: Path) -> None:
    known, scenarios = alerts(), []
    assert FAULTS.keys() == known.keys()
    for alert, fault in FAULTS.items():
        rule = known[alert]
        silent = {"eval_time": f"{fault.minutes}m", "alertname": alert, "exp_alerts": []}
        others = [
            {"eval_time": f"{fault.minutes}m", "alertname": other, "exp_alerts": []}
            for other in known
            if other not in (alert, *fault.also, "Unattended") and alert != "Unattended"
        ]
        scenarios.append(scenario(dict(fault.series), [expected(alert, fault, rule), *others]))
        scenarios.append(scenario(dict(fault.quiet), [silent]))
    file = tmp_path / "alerts.test.yml"
    file.write_text(
        json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": scenarios}, indent=1)
    )
    run("promtool", "test", "rules", file)


def test_a_door_that_was_never_seen_is_away(tmp_path: Path) -> None:
    rule = alerts()["ProcessAway"]
    seen = {name: values for name, values in UP.items() if "scheduler" not in name}
    labels = {"job": "rowhouse-scheduler"}
    check = expected("ProcessAway", Fault({}, {}, (labels,)), rule)
    given = [{"series": name, "values": values} for name, values in seen.items()]
    test = {"interval": "1m", "input_series": given, "alert_rule_test": [check]}
    file = tmp_path / "alerts.test.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    run("promtool", "test", "rules", file)


def test_prometheus_reads_its_configuration() -> None:
    run("promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.yml")


def test_each_container_of_a_service_is_asked() -> None:
    """By all addresses of its name: `docker compose up --scale api=3` gives it three."""
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    services = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())["services"]
    first = int(Settings.model_fields["metrics_port"].default)
    for place, (job, service) in enumerate(zip(scraped, SCRAPED, strict=True)):
        assert job == {
            "job_name": f"rowhouse-{service}",
            "dns_sd_configs": [{"names": [service], "type": "A", "port": first + place}],
        }
        assert service in services


@pytest.mark.parametrize(
    ("severity", "receivers"),
    [("warning", "team"), ("critical", "pager,team"), ("escalation", "responsible")],
)
def test_alertmanager_tells_the_right_people(severity: str, receivers: str) -> None:
    config = DEPLOY / "alertmanager" / "alertmanager.yml"
    run("amtool", "check-config", config)
    test = ("config", "routes", "test", f"--config.file={config}", f"--verify.receivers={receivers}")
    run("amtool", *test, f"severity={severity}", "alertname=Some")


def test_each_alert_leads_to_what_to_do() -> None:
    headings = re.findall(r"^### (\w+)$", MONITORING.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(alerts())
    for alert, rule in alerts().items():
        assert rule["labels"]["severity"] in {"warning", "critical", "escalation"}
        assert rule["annotations"]["runbook"] == f"docs/operations/monitoring.md#{alert.lower()}"


def test_alerts_ask_for_parts_that_there_are() -> None:
    named = set(re.findall(r'\bpart!?="(\w+)"', RULES.read_text()))
    assert "redis" in named
    assert named <= {check.name for check in registry.health}


def exported(run_: LiveRun) -> set[str]:
    pages = "".join(run_.metrics(door) for door in ("api", "worker", "scheduler"))
    return {family.name for family in text_string_to_metric_families(pages)}


def asked(text: str) -> set[str]:
    found = set()
    for name in NAME.findall(text):
        ending = next((end for end in ENDINGS if name.endswith(end)), "")
        found.add(name.removesuffix(ending))
    return found


def test_what_is_asked_for_is_exported(live_run: LiveRun) -> None:
    known = exported(live_run)
    assert asked(RULES.read_text()) <= known
    assert len(DASHBOARDS) == 3
    for dashboard in DASHBOARDS:
        assert asked(dashboard.read_text()) <= known, dashboard.name


def test_every_expression_of_the_dashboards_is_promql(tmp_path: Path) -> None:
    """Each as a recording rule, which promtool reads as Prometheus would."""
    rules = []
    for dashboard in DASHBOARDS:
        shown = json.loads(dashboard.read_text())
        assert shown["uid"] == f"rowhouse-{dashboard.stem}"
        places = [tuple(panel["gridPos"].values()) for panel in shown["panels"]]
        assert len(set(places)) == len(places)
        for panel in shown["panels"]:
            assert panel["title"]
            assert panel["description"].endswith(".")
            rules += [target["expr"].replace("$__rate_interval", "5m") for target in panel["targets"]]
    file = tmp_path / "panels.yml"
    recorded = [{"record": f"panel:{n}", "expr": expression} for n, expression in enumerate(rules)]
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": recorded}]}))
    run("promtool", "check", "rules", file)
