"""``simgen check``: what is wrong with a scenario file, and how often its requirements hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simgen.cli.options import Json, Overrides
from simgen.cli.terminal import complain, emit, say

_BLIND = "without sensors it serves as an environment; render, plan and preview ask for one"


def check(
    names: Annotated[list[str], typer.Argument(metavar="FILE|NAME…", help="Files, or scenarios of the library.")],
    trials: Annotated[int, typer.Option(min=0, help="Draws to estimate acceptance from; 0 checks the text only.")] = 20,
    overrides: Overrides = None,
    json: Json = False,
) -> None:
    """Checks language, references and requirements; reports all mistakes at once."""
    from simgen import language
    from simgen.core.errors import ScenarioInvalid, SimgenError

    reports: list[dict[str, Any]] = []
    exit_code = 0
    for name in names:
        try:
            scenario = language.load(name, tuple(overrides or ()))
        except SimgenError as error:
            exit_code = 2
            complain(str(error))
            diagnostics = error.diagnostics if isinstance(error, ScenarioInvalid) else (error,)
            reports.append({"name": name, "ok": False, "diagnostics": [_diagnostic(d) for d in diagnostics]})
            continue
        report: dict[str, Any] = {"name": scenario.name, "ok": True, "diagnostics": []}
        words = "no mistakes"
        if not scenario.sensors:
            report["notes"] = [_BLIND]
        if trials:
            report["acceptance"], words = _acceptance(scenario, trials)
            report["ok"] = report["acceptance"]["rate"] > 0
            if not report["ok"]:
                exit_code = max(exit_code, 1)
        reports.append(report)
        if report["ok"]:
            if not json:
                say(f"{name}: {words}")
                for note in report.get("notes", ()):
                    say(f"{name}: {note}")
        else:
            complain(f"{name}: {words}")
    if json:
        emit(reports)
    if exit_code:
        raise typer.Exit(exit_code)


def _diagnostic(diagnostic: Any) -> dict[str, Any]:
    where = getattr(diagnostic, "place", None) or getattr(diagnostic, "where", None)
    return {
        "where": None if where is None else str(where),
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
    }


def _acceptance(scenario: Any, trials: int) -> tuple[dict[str, Any], str]:
    from simgen import sampling

    report = sampling.acceptance(scenario, trials)
    rejections = dict(report.rejections)
    document = {"trials": trials, "rate": report.rate, "rejections": rejections}
    words = f"no mistakes; {report.rate:.0%} of {trials} draws are accepted"
    if rejections:
        most = max(rejections, key=lambda requirement: rejections[requirement])
        words += f"; '{most}' rejects most ({rejections[most]} times)"
    if report.no_room:
        words += f"\n{report.no_room}"
    return document, words
