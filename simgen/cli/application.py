"""The typer application, and how errors become messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from simgen.cli.commands import COMMANDS
from simgen.cli.terminal import complain
from simgen.core.errors import SimgenError

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_LEFT = {
    "render": "; what is complete stays, and the same command goes on from there",
    "preview": "; no file was written",
    "export": "; nothing was written",
    "sample": "; the files that it named are complete",
}
"""What a command that was stopped leaves behind, where it writes anything."""


class Commands(TyperGroup):
    """The group of all commands: the one place where an error becomes a message."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: Any) -> Any:
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(signal.SIGHUP, _interrupt)
        try:
            return super().invoke(ctx)
        except SimgenError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            complain(f"stopped{_LEFT.get(str(ctx.invoked_subcommand), '')}")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            if error.filename is None and error.strerror is None:
                raise
            where = f"{error.filename}: " if error.filename is not None else ""
            complain(f"{where}{error.strerror}")
            raise typer.Exit(2) from None


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """A scheduler's SIGTERM, and the SIGHUP of a terminal that is closed, end a run as Ctrl-C does."""
    raise KeyboardInterrupt


application = typer.Typer(
    cls=Commands,
    help="Scenarios of rare events in, labelled sensor data out; every frame can be made again from its record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    application.command(_name)(_command)


@application.callback(invoke_without_command=True)
def simgen(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        from importlib.metadata import version as installed

        print(f"simgen {installed('simgen-scenarios')}")
        raise typer.Exit
