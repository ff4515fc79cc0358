"""``simgen check``: what is wrong with a scenario file, and how often its requirements hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simgen.cli.options import Json, Overrides
from simgen.cli.terminal import complain, emit, noted_if_long, say

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
    for name in names:
        report: dict[str, Any] = {"name": name, "ok": True, "diagnostics": []}
        reports.append(report)
        words = "no mistakes"
        try:
            with noted_if_long(f"{name}: still reading it, and the files that it names"):
                scenario = language.load(name, tuple(overrides or ()))
            report["name"] = scenario.name
            notes = _notes(scenario)
            if notes:
                report["notes"] = notes
            if trials:
                with noted_if_long(f"{name}: still building its world, to draw {trials} samples"):
                    words += _acceptance(scenario, trials, report)
        except SimgenError as error:
            complain(str(error))
            diagnostics = error.diagnostics if isinstance(error, ScenarioInvalid) else (error,)
            report |= {"ok": False, "diagnostics": [_diagnostic(d) for d in diagnostics]}
            continue
        if not json:
            say(f"{name}: {words}")
            for note in report.get("notes", ()):
                say(f"{name}: {note}")
    if json:
        emit(reports)
    if not all(report["ok"] for report in reports):
        raise typer.Exit(2)


def _notes(scenario: Any) -> list[str]:
    """What is no mistake, and worth knowing."""
    from simgen.language import catalogue, ending, remarks

    return [
        *(() if scenario.sensors else (_BLIND,)),
        *catalogue.left_out(scenario.assets),
        *(
            f"event '{event.name}' (line {event.place.line}) never starts: it waits for {begins_s:g} s at least, "
            f"and every episode is over at {over_s:g} s"
            for event, begins_s, over_s in ending.too_late(scenario)
        ),
        *remarks.remarks(scenario),
    ]


def _diagnostic(diagnostic: Any) -> dict[str, Any]:
    where = getattr(diagnostic, "place", None) or getattr(diagnostic, "where", None)
    return {
        "where": None if where is None else str(where),
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
    }


def _acceptance(scenario: Any, trials: int, report: dict[str, Any]) -> str:
    """Puts how often a draw is accepted into the report, and returns it in words.

    Raises:
        SimgenError: no sample can be had; it says what ``render`` says of it.
    """
    from simgen import sampling

    found = sampling.acceptance(scenario, trials)
    rejections = dict(found.rejections)
    report["acceptance"] = {"trials": trials, "rate": found.rate, "rejections": rejections}
    words = f"; {found.rate:.0%} of {trials} draws are accepted"
    if 0 < found.accepted < trials:
        words += ", and others take the place of the rest"
    if found.accepted == 0:
        first = sampling.sample(scenario)
        words = f"; none of {trials} draws is accepted, and sample 0 takes {first.attempt + 1}"
    if rejections:
        most = max(rejections, key=lambda requirement: rejections[requirement])
        words += f"; '{most}' rejects most ({rejections[most]} times)"
    if found.no_room:
        words += f"\nwhat most of the draws without room have in common:\n{found.no_room}"
    return words
