"""What users rely on without looking: names, imports, the wheel's content, the README's commands."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import simgen

ROOT = Path(__file__).parents[1]

PUBLIC = {
    "AssetError",
    "ConcreteScenario",
    "Dataset",
    "DatasetFault",
    "NotFound",
    "DivergenceError",
    "Episode",
    "FrameBundle",
    "LogicalScenario",
    "OutOfMemory",
    "OutputError",
    "RendererUnavailable",
    "ScenarioInvalid",
    "ScenarioRejected",
    "SimgenError",
    "UnknownName",
    "ValueOutOfRange",
    "load",
    "open_dataset",
    "run",
    "sample",
    "select_renderer",
}

TWO_COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && "
    ".venv/bin/simgen render child_chases_ball --count 2 --out out/first",
    ".venv/bin/pip install '.[test]' && .venv/bin/python -m pytest",
]


def test_public_names_do_not_drift() -> None:
    assert set(simgen.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(simgen, name).__name__ == name
    assert set(dir(simgen)) >= PUBLIC
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        _ = simgen.nothing_of_ours


@pytest.mark.parametrize(
    ("call", "cause", "remedy"),
    [
        (lambda s: simgen.run(s), "scenario of run()", "simgen.run(simgen.sample(…))"),
        (lambda s: simgen.run(s.name), "scenario of run() cannot be 'child_chases_ball' (str)", "sample it first"),
        (lambda s: simgen.sample(s.name), "'child_chases_ball' (str)", "simgen.sample(simgen.load(…))"),
        (lambda s: simgen.sample(s, seed=1.5), "seed cannot be 1.5 (float)", "a whole number"),
        (lambda s: simgen.sample(s, seed="a"), "seed cannot be 'a' (str)", "a whole number"),
        (lambda s: simgen.sample(s, index=None), "index of a sample cannot be None", "numbered from 0"),
        (lambda s: simgen.load({}), "source of load() cannot be {} (dict)", "a scenario of the library"),
        (lambda s: simgen.load(None), "source of load() cannot be None", "a scenario of the library"),
        (lambda s: simgen.open_dataset(None), "path of open_dataset() cannot be None", "render --out"),
    ],
)
def test_what_python_is_given_by_mistake_is_told(call, cause, remedy) -> None:
    with pytest.raises(simgen.ValueOutOfRange) as told:
        call(simgen.load("child_chases_ball"))
    assert cause in str(told.value)
    assert remedy in str(told.value)
    assert "\n" not in str(told.value)


HEAVY = ("pybullet", "moderngl", "OpenGL", "pyrender", "glcontext")


@pytest.mark.parametrize(
    "statement",
    ["import simgen", "import simgen.cli.application", "import simgen; simgen.load; simgen.sample"],
)
def test_importing_loads_neither_physics_nor_gl(statement: str) -> None:
    probe = f"{statement}; import sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_wheel_holds_scenarios_and_assets(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("simgen_scenarios-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("scenarios", "assets"):
        shipped = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert shipped, folder
        assert {f"simgen/_shipped/{path}" for path in shipped} <= names
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "simgen").rglob("*.py")}
    assert modules <= names
    assert "simgen/py.typed" in names
    shaders = {p.relative_to(ROOT).as_posix() for p in (ROOT / "simgen").rglob("*.frag")}
    assert shaders <= names


def test_the_readme_has_the_two_commands_as_they_are_promised() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- two commands -->\n```bash\n(.*?)\n```", text, re.DOTALL)
    assert block is not None
    assert block[1].splitlines() == TWO_COMMANDS


def test_the_readmes_python_parses_and_names_what_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    used = {
        node.attr
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "simgen"
    }
    assert used <= PUBLIC
    assert used


def test_the_readmes_scenario_has_no_mistakes() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if b.startswith("simgen: 1")]
    assert simgen.language.parse(block, "README.md").name == "child_chases_ball"


def test_only_the_two_known_modules_import_pybullet() -> None:
    allowed = {"simgen/simulation/physics.py", "simgen/rendering/bullet.py"}
    importing = set()
    for path in sorted((ROOT / "simgen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(n.partition(".")[0] in ("pybullet", "pybullet_data") for n in names):
                importing.add(path.relative_to(ROOT).as_posix())
    assert importing <= allowed


def test_every_layer_stands_in_the_import_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    found = {p.stem for p in (ROOT / "simgen").iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert named == found - {"__init__"}
