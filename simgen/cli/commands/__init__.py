"""All commands, in the order in which a user meets them. Each imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable

from simgen.cli.commands.assets import assets
from simgen.cli.commands.check import check
from simgen.cli.commands.doctor import doctor
from simgen.cli.commands.export import export
from simgen.cli.commands.list_library import list_library
from simgen.cli.commands.plan import plan
from simgen.cli.commands.preview import preview
from simgen.cli.commands.prove import prove
from simgen.cli.commands.render import render
from simgen.cli.commands.replay import replay
from simgen.cli.commands.sample import sample
from simgen.cli.commands.schema import schema
from simgen.cli.commands.status import status
from simgen.cli.commands.verify import verify
from simgen.cli.commands.vocabulary import vocabulary

COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_library,
    "vocabulary": vocabulary,
    "check": check,
    "schema": schema,
    "sample": sample,
    "preview": preview,
    "plan": plan,
    "render": render,
    "status": status,
    "verify": verify,
    "replay": replay,
    "prove": prove,
    "export": export,
    "assets": assets,
    "doctor": doctor,
}
