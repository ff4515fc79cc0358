"""Every command as a user types it: what stands where, and what the exit code says."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import trimesh
from typer.testing import CliRunner, Result

from simgen.cli.application import application
from simgen.cli.commands import COMMANDS
from simgen.cli.terminal import noted_if_long
from simgen.core.vocabulary import KINDS
from simgen.language.composition import SECTIONS
from simgen.language.placement import FORMS
from simgen.language.schema import json_schema
from tests.language import user_models

STREET = "{road: two_lane_urban, length: 80 m, parked: 0, trees: 0}"
"""As short and as bare as streets get, since commands are looked at here and no pictures."""

MISTAKEN = """\
simgen: 1
scenario: mistaken
setting: {road: two_lane_urban}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 30 km/h, behavior: folow_lane}
  van: {model: vann, at: {lane: -1, s: 60 kg}}
end: time > 1 s
"""


def run(*words: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(
        application, list(words), env={"NO_COLOR": "1", **(environment or {})}, prog_name="simgen"
    )


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "simgen.cli", *words], capture_output=True, text=True)


def document(result: Result) -> object:
    return json.loads(result.stdout)


def test_help_names_every_command_in_order() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    listed = [name for name in re.findall(r"[│|] (\w+)  ", shown.output) if name in COMMANDS]
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    assert f"simgen {command}" in shown.output


def test_list_and_its_json_agree() -> None:
    entries = document(run("list", "--json"))
    assert isinstance(entries, list)
    names = [e["name"] for e in entries]
    assert {"child_chases_ball", "dropped_object"} <= set(names)
    plain = run("list").stdout.splitlines()
    assert [line.split()[0] for line in plain[1:]] == names
    assert all(e["summary"] for e in entries)


@pytest.mark.parametrize("kind", KINDS)
def test_vocabulary_describes_every_kind(kind: str) -> None:
    words = document(run("vocabulary", kind, "--json"))
    assert isinstance(words, list) and words
    for word in words:
        assert word["kind"] == KINDS[kind].kind and word["name"] and word["help"]
        assert all(p["name"] and p["help"] for p in word["parameters"])
    shown = run("vocabulary", kind)
    assert shown.exit_code == 0
    assert all(word["name"] in shown.stdout for word in words)
    # as the list of all kinds calls it
    assert run("vocabulary", KINDS[kind].kind).stdout == shown.stdout


def test_an_unknown_kind_gets_the_nearest_name() -> None:
    done = run("vocabulary", "effekts")
    assert done.exit_code == 2
    assert done.stdout == "" and "did you mean 'effects'?" in done.stderr


def test_what_is_no_kind_but_of_one_is_shown_by_itself() -> None:
    shown = run("vocabulary", "lose_cargo").stdout
    assert shown.startswith("lose_cargo\n") and "- direction: where it slides to (one of back, left, right" in shown
    both = run("vocabulary", "environment").stdout
    assert "environment (section)" in both and "environment (action)" in both
    done = run("vocabulary", "loose_cargo")
    assert done.exit_code == 2 and "did you mean 'lose_cargo'?" in done.stderr


@pytest.mark.parametrize("section", SECTIONS)
def test_vocabulary_lists_the_keys_of_sections_that_the_schema_has(section: str) -> None:
    word = next(w for w in document(run("vocabulary", "sections", "--json")) if w["name"] == section)
    assert word["kind"] == "section" and word["help"]
    schema = json_schema()
    held = schema["properties"][section]
    inner = {"actors": "actor", "sensors": "sensor", "story": "event"}.get(section)
    forms = [schema["$defs"][inner] if inner else held, *held.get("anyOf", [])]
    known = {name for form in forms for name in form.get("properties", {})}
    names = {p["name"] for p in word["parameters"]}
    if section in ("actors", "sensors", "setting"):
        assert names < known, "the rest are those of models, kinds of sensors and settings"
    elif section == "end":
        assert names == {"any", "all"}
    elif section != "assets":  # the keys of another file
        assert names == known or section == "expect"


def test_vocabulary_lists_what_a_setting_offers() -> None:
    (word,) = document(run("vocabulary", "tabletop", "--json"))
    assert word["offers"]["surfaces"]["mat"] == "0.34 x 0.5 m, 0.753 m high"
    assert not word["offers"]["roads"] and not word["offers"]["signals"]
    shown = run("vocabulary", "four_way_junction").stdout
    assert "- west_north (" in shown and "lanes -2 sidewalk, -1 driving, 1 driving, 2 sidewalk" in shown
    assert shown.rstrip().endswith("- west\n  - east\n  - north\n  - south")
    assert "simgen vocabulary NAME" in run("vocabulary", "settings").stdout


def test_vocabulary_says_how_to_wait_for_the_end_of_an_event() -> None:
    assert "when: complete(event) waits for its end" in run("vocabulary", "story").stdout


def test_vocabulary_lists_the_forms_of_places() -> None:
    words = document(run("vocabulary", "places", "--json"))
    assert {word["name"] for word in words} == set(FORMS) and {word["kind"] for word in words} == {"place"}
    assert all(word["help"] and word["parameters"] for word in words)
    shown = run("vocabulary", "places").stdout
    assert "position: x, y and z in the world (3 numbers in m; required)" in shown
    assert "hidden_behind" in run("vocabulary").stdout


def test_schema_is_one_json_document() -> None:
    schema = document(run("schema"))
    assert isinstance(schema, dict) and "$schema" in schema


def test_check_tells_all_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mistaken.yaml"
    path.write_text(MISTAKEN)
    done = run("check", str(path))
    assert done.exit_code == 2 and done.stdout == ""
    for place, name in ((":5:", "folow_lane"), (":6:", "vann"), (":6:", "60 kg")):
        assert place in done.stderr and name in done.stderr
    assert "^" in done.stderr and "Traceback" not in done.stderr

    done = run("check", str(path), "child_chases_ball", "--trials", "0", "--json")
    assert done.exit_code == 2
    wrong, right = json.loads(done.stdout)
    assert not wrong["ok"] and len(wrong["diagnostics"]) >= 3
    assert right == {"name": "child_chases_ball", "ok": True, "diagnostics": []}


def test_check_estimates_acceptance() -> None:
    done = run("check", "dropped_object", "--trials", "2", "--json")
    (report,) = json.loads(done.stdout)
    assert report["ok"] and 0 < report["acceptance"]["rate"] <= 1


IN_A_LAMP = f"""\
simgen: 1
scenario: in_a_lamp
randomize: none
setting: {STREET}
environment: {{time_of_day: "12:00"}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}}}
  child: {{model: pedestrian.child, at: {{position: [12 m, -6 m, 0.12 m]}}}}
sensors:
  front: {{camera: {{mount: ego.windscreen, resolution: [32, 18], fov: 60 deg}}}}
end: time > 1 s
"""
UNMET = IN_A_LAMP.replace("position: [12 m, -6 m, 0.12 m]", "position: [26 m, {uniform: [1 m, 3 m]}, 0 m]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (IN_A_LAMP, "in_a_lamp.yaml:8:36: 'child' (0.28 x 0.34 x 1.15 m) would stand in 'street_lamp_1'"),
        (UNMET + "require:\n  - distance(ego, child) < 1 m\n", "sample 0 of 'in_a_lamp' was turned down 60 times"),
    ],
)
def test_check_says_of_a_scenario_without_samples_what_render_says(tmp_path: Path, text: str, told: str) -> None:
    """It is the user's mistake, and not a file without mistakes of which 0 % is accepted."""
    path, right = tmp_path / "in_a_lamp.yaml", tmp_path / "right.yaml"
    path.write_text(text)
    right.write_text(POSSIBLE)
    checked = run("check", str(path), str(right), "--trials", "1")
    rendered = run("render", str(path), "--count", "1", "--out", str(tmp_path / "out"))
    assert checked.exit_code == rendered.exit_code == 2
    assert told in checked.stderr and told in rendered.stderr
    assert f"{right}: no mistakes" in checked.stdout and str(path) not in checked.stdout

    (report, other) = json.loads(run("check", str(path), str(right), "--trials", "1", "--json").stdout)
    assert not report["ok"] and other["ok"]
    assert report["acceptance"]["rate"] == 0.0
    assert report["diagnostics"][0]["message"] in told + report["diagnostics"][0]["message"]
    assert report["diagnostics"][0]["where"].startswith(str(path))


def test_check_tells_of_rare_samples_without_calling_them_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "rare.yaml"
    path.write_text(UNMET + "require:\n  - distance(ego, child) < 3.85 m\nsample: {seed: 3, method: random}\n")
    done = run("check", str(path), "--trials", "1")
    assert done.exit_code == 0
    assert "no mistakes; none of 1 draws is accepted, and sample 0 takes" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("render", "child_chases_bal", "--count", "1", "--out", "OUT"),
        ("render", "nothing/there.yaml", "--out", "OUT"),
        ("render", "child_chases_ball", "--count", "0", "--out", "OUT"),
        ("render", "child_chases_ball", "--shard", "5/2", "--out", "OUT"),
        ("render", "child_chases_ball", "--executor", "cloud", "--out", "OUT"),
        ("render", "child_chases_ball", "--set", "environment.rian=5 mm/h", "--out", "OUT"),
        ("render", "child_chases_ball", "--count", "2", "--index", "1", "--out", "OUT"),
        ("render", "cut_in", "--seed", "9007199254740993", "--count", "1", "--out", "OUT"),
        ("render", "cut_in", "--seed", "-1", "--count", "1", "--out", "OUT"),
        ("render", "cut_in", "--index", "99999999999999999999999", "--out", "OUT"),
        ("render", "cut_in", "--count", "2147483649", "--out", "OUT"),
        ("render", "cut_in", "--set", "sample.seed=9000000000000000001", "--out", "OUT"),
        ("sample", "cut_in", "--first", "2147483647", "--count", "2", "--out", "OUT"),
        ("preview", "child_chases_ball", "--sensor", "rear"),
        ("sample", "child_chases_ball", "--set", "nonsense"),
        ("check",),
        ("nonsense",),
    ],
)
def test_a_users_mistake_exits_2_with_a_message_and_leaves_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(*(str(out) if word == "OUT" else word for word in words))
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.strip() and "Traceback" not in done.stderr
    assert not out.exists()


IMPOSSIBLE = f"""\
simgen: 1
scenario: impossible
randomize: none
setting: {STREET}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}}}
  van: {{model: van, at: {{lane: -1, s: 21 m}}}}
sensors:
  front: {{camera: {{mount: ego.windscreen, resolution: [64, 36], rate: 1 Hz}}}}
end: time > 1 s
environment: {{time_of_day: "00:00"}}
"""
POSSIBLE = IMPOSSIBLE.replace("s: 21 m", "s: 61 m")


def test_what_no_draw_can_make_is_a_mistake_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "impossible.yaml"
    path.write_text(IMPOSSIBLE)
    for words in (
        ("sample", str(path), "--out", str(tmp_path / "out")),
        ("preview", str(path), "--out", str(tmp_path / "out.png")),
        ("render", str(path), "--count", "2", "--workers", "1", "--renderer", "tiny", "--out", str(tmp_path / "a/b")),
    ):
        done = run(*words)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        assert f"{path}:7:21: " in done.stderr and "choose another s or lane" in done.stderr
        assert list(tmp_path.iterdir()) == [path]
    assert done.stderr.splitlines()[-1] == "none of the 2 episodes can be made"
    alone = run("render", str(path), "--count", "1", "--renderer", "tiny", "--out", str(tmp_path / "out"))
    assert alone.exit_code == 2 and alone.stderr.count("would stand in 'ego'") == 1


BLIND = IMPOSSIBLE[: IMPOSSIBLE.index("sensors:")].replace("s: 21 m", "s: 61 m") + "end: time > 1 s\n"
LATE = POSSIBLE.replace("rate: 1 Hz", "rate: 1 Hz, phase: 59 s")


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (BLIND, ":1:1: ", "the scenario has no sensor"),
        (LATE, ":9:84: ", "(time > 1 s), before the first frame of 'front' at 59 s\n"),
    ],
)
def test_a_scenario_that_gives_no_frame_is_a_mistake_and_leaves_nothing(
    text: str, place: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "dark.yaml"
    path.write_text(text)
    for words in (
        ("render", str(path), "--count", "2", "--workers", "1", "--renderer", "tiny", "--out", str(tmp_path / "a/b")),
        ("plan", str(path), "--renderer", "tiny"),
        ("preview", str(path), "--renderer", "tiny", "--out", str(tmp_path / "out.png")),
    ):
        done = run(*words)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        assert f"{path}{place}" in done.stderr and told in done.stderr
        assert list(tmp_path.iterdir()) == [path]


def test_render_says_how_many_episodes_were_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "endless.yaml"
    path.write_text(
        LATE.replace("rate: 1 Hz, phase: 59 s", "rate: 0.01 Hz").replace("time > 1 s", "collision(ego, van)")
    )
    words = ("render", str(path), "--count", "1", "--renderer", "tiny", "--out", str(tmp_path / "out"))
    words += ("--set", "actors.ego.at.s=25 m")
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert "1 episode cut off at 120 s, since no end came true" in done.stdout
    assert f"simgen preview {path} --set 'actors.ego.at.s=25 m' --out look.mp4" in done.stdout
    again = run(*words, "--json")
    assert json.loads(again.stdout)["cut_off"] == 0  # none of them is new


def test_a_second_run_tells_its_own_episodes_from_all_that_the_root_is_over(tmp_path: Path) -> None:
    path, out = tmp_path / "short.yaml", tmp_path / "out"
    path.write_text(POSSIBLE)
    words = ("render", str(path), "--renderer", "tiny", "--workers", "1", "--out", str(out))
    first, second, again = (run(*words, "--index", index).stdout for index in ("0", "1", "1"))
    root = re.compile(r"Merkle root of (.*): ([0-9a-f]{64})")
    one, two, same = (root.search(text) for text in (first, second, again))
    assert one and two and same
    assert (one[1], two[1], same[1]) == ("the episode", "all 2 episodes", "all 2 episodes")
    assert two[2] == same[2] != one[2]
    assert ": 1 episode, " in first and ": 1 new episode, " in second and ": nothing was left to do" in again
    assert "1 episode had been there before" in again


@pytest.mark.parametrize("out", ["my out", "."])
def test_what_render_says_to_type_next_can_be_typed(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, folder = tmp_path / "a short.yaml", tmp_path / "here"
    path.write_text(POSSIBLE)
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = run("render", str(path), "--count", "1", "--renderer", "tiny", "--workers", "1", "--out", out)
    assert done.exit_code == 0, done.output
    _, said = done.stdout.split("next:\n")
    preview, verify, export = (shlex.split(line.split("     ")[0])[1:] for line in said.splitlines())
    assert preview == ["preview", str(path), "--out", "look.mp4"]
    for words in (verify, export):
        typed = run(*words)
        assert typed.exit_code == 0, typed.output


@pytest.mark.parametrize(
    ("name", "told"), [("no/such/look.mp4", "there is no folder"), ("look.avi", "cannot write '.avi'")]
)
def test_preview_refuses_a_file_it_cannot_write_before_it_draws(name: str, told: str, tmp_path: Path) -> None:
    done = run("preview", "child_chases_ball", "--renderer", "tiny", "--out", str(tmp_path / name))
    assert done.exit_code == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(str(tmp_path / name)) and told in line
    assert list(tmp_path.iterdir()) == []


HASTY = f"""
simgen: 1
scenario: hasty
randomize: none
setting: {STREET}
environment: {{time_of_day: "00:00"}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 30 m}}, speed: 40 km/h, behavior: cruise_control}}
  walker: {{model: pedestrian.adult, at: {{lane: -1, s: 45 m, offset: -4 m}}}}
sensors:
  front: {{camera: {{mount: ego.windscreen, resolution: [64, 36], rate: 0.5 Hz}}}}
story:
  - event: steps
    do: {{walker: {{run_across: {{ahead_of: ego, speed: 2 m/s}}}}}}
    meet: {{actor: ego, point: front, overlap: 50 %}}
end: time > 1 s
expect: [speed(ego) > 90 m/s]
"""


def test_render_says_what_began_too_late_for_its_meeting(tmp_path: Path) -> None:
    path = tmp_path / "hasty.yaml"
    path.write_text(HASTY)
    words = ("render", str(path), "--count", "1", "--renderer", "tiny", "--out", str(tmp_path / "out"))
    done = run(*words)
    assert done.exit_code == 0, done.output
    found = re.search(r"event 'steps' began up to ([\d.]+) s too late in 1 episode to meet as planned", done.stdout)
    assert found is not None
    assert 0.5 < float(found[1]) < 1.5
    # what did not come true is told, and where it is written how close it came
    missed = "expected 'speed(ego) > 90 m/s', and it did not hold in 1 episode"
    assert f"{missed}\n  'report' in an episode's episode.json says how close each came" in done.stdout
    (episode,) = (tmp_path / "out" / "episodes").glob("*/episode.json")
    (report,) = json.loads(episode.read_text())["report"]["expectations"]
    assert not report["held"] and 0.0 <= report["value"] < 90.0
    far = run(*words[:-1], str(tmp_path / "far"), "--set", "actors.ego.at.s=10 m")
    assert far.exit_code == 0 and "too late" not in far.stdout, far.output


def test_check_notes_that_nothing_watches(tmp_path: Path) -> None:
    path = tmp_path / "dark.yaml"
    path.write_text(BLIND)
    done = run("check", str(path), "--trials", "1")
    assert done.exit_code == 0 and "without sensors it serves as an environment" in done.stdout
    (report,) = json.loads(run("check", str(path), "--trials", "0", "--json").stdout)
    assert report["ok"] and len(report["notes"]) == 1


def test_check_notes_an_event_that_never_starts(tmp_path: Path) -> None:
    path = tmp_path / "late.yaml"
    story = "story: [{event: late, when: time > 50 s, do: {ego: {speed: 0 m/s}}}]\n"
    path.write_text(POSSIBLE + story)
    done = run("check", str(path), "--trials", "0")
    assert done.exit_code == 0
    told = "event 'late' (line 12) never starts: it waits for 50 s at least, and every episode is over at 1 s"
    assert told in " ".join(done.stdout.split())


def test_what_of_an_own_models_materials_is_not_shown_is_told_once(tmp_path: Path) -> None:
    path = user_models.write(tmp_path)
    pane = trimesh.creation.box((0.1, 0.2, 0.3))
    glass = trimesh.visual.material.PBRMaterial(name="glass", baseColorFactor=[0, 0, 255, 50], alphaMode="BLEND")
    pane.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=glass)
    (tmp_path / "crate.glb").write_bytes(pane.export(file_type="glb"))
    told = "model 'my.crate' (crate.glb): material 'glass' is see-through (alphaMode BLEND) and is drawn opaque"
    done = run("check", str(path), "--trials", "0")
    assert done.exit_code == 0 and " ".join(done.stdout.split()).count(told) == 1
    (report,) = json.loads(run("check", str(path), "--trials", "0", "--json").stdout)
    assert report["ok"] and len(report["notes"]) == 1
    listed = run("assets", "--catalogue", str(tmp_path / "catalogue.yaml"))
    assert listed.exit_code == 0 and told in " ".join(listed.stderr.split()) and "glass" not in listed.stdout


@pytest.mark.parametrize(
    "words", [("verify",), ("status",), ("replay", "0"), ("prove", "0"), ("export", "--format", "coco", "--out", "x")]
)
def test_what_is_no_dataset_is_said_to_be_none(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(words[0], str(tmp_path), *words[1:])
    assert done.exit_code == 2
    assert "is not a simgen dataset" in done.stderr


def test_sample_writes_yaml_that_is_read_again(tmp_path: Path) -> None:
    done = run("sample", "child_chases_ball", "--seed", "7", "--first", "3", "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    (path,) = (Path(line) for line in done.stdout.splitlines())
    text = path.read_text()
    printed = run("sample", "child_chases_ball", "--seed", "7", "--first", "3")
    assert printed.stdout == text

    from simgen.farm.planning import order

    again = order(str(path))
    assert list(again.indices) == [3]
    assert again.scenario.model_dump()["seed"] == 7


def test_light_commands_load_neither_physics_nor_gl() -> None:
    probe = """
import sys
from simgen.cli.application import application
for words in (["--help"], ["list"], ["vocabulary"], ["schema"], ["check", "child_chases_ball", "--trials", "0"]):
    try:
        application(words, prog_name="simgen")
    except SystemExit as end:
        assert not end.code, words
    heavy = [m for m in ("pybullet", "moderngl", "OpenGL", "pyrender") if m in sys.modules]
    assert not heavy, (words, heavy)
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys, contextlib\n"
        "sys.argv = ['simgen', '--help']\n"
        "from simgen.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "heavy = {'pybullet', 'moderngl', 'cv2', 'scipy', 'pyarrow', 'trimesh', 'gymnasium'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "simgen.cli", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None and done.stderr is not None
        done.stdout.close()
        assert done.stderr.read() == b""
        assert done.wait() == 0


def test_what_nohup_started_outlives_its_terminal() -> None:
    program = _INTERRUPTED.replace("COMMAND", "render").replace("time.sleep(60)", "sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as done:
        assert done.stdin is not None and done.stdout is not None
        assert done.stdout.readline() == "waiting\n"
        os.kill(done.pid, signal.SIGHUP)
        done.stdin.close()
        assert done.wait(timeout=10) == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_daemon_without_standard_streams_makes_the_same(closed: str, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(POSSIBLE)
    words = [sys.executable, "-m", "simgen", "render", str(scenario), "--renderer", "tiny", "--count", "1", "--workers"]
    command = shlex.join([*words, "1", "--out", str(tmp_path / "out")])
    done = subprocess.run(["bash", "-c", f"{command} {closed}"], capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "out" / "dataset.json").is_file()


def test_colours_follow_the_terminal_and_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    from simgen.cli import terminal

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.data().color_system is not None
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.data().no_color
    assert re.search(r"\x1b\[(\d;)?[349]\dm", run("vocabulary", "renderers").output) is None


_INTERRUPTED = """
import sys, time, typer
from simgen.cli import application, main
def wait(ctx: typer.Context) -> None:
    print("waiting", flush=True)
    time.sleep(60)
application.application.registered_commands = [
    c for c in application.application.registered_commands if c.name != "COMMAND"
]
application.application.command("COMMAND")(wait)
sys.argv = ["simgen", "COMMAND"]
main()
"""


@pytest.mark.parametrize(
    ("command", "signum", "told"),
    [
        ("render", signal.SIGINT, "stopped; what is complete stays, and the same command goes on from there"),
        ("render", signal.SIGTERM, "stopped; what is complete stays, and the same command goes on from there"),
        ("render", signal.SIGHUP, "stopped; what is complete stays, and the same command goes on from there"),
        ("preview", signal.SIGINT, "stopped; no file was written"),
        ("export", signal.SIGINT, "stopped; nothing was written"),
        ("check", signal.SIGINT, "stopped"),
    ],
)
def test_ctrl_c_stops_cleanly(command: str, signum: int, told: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED.replace("COMMAND", command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell started in the background ignores SIGINT, and so would what it starts
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)],
    ) as done:
        assert done.stdout is not None and done.stderr is not None
        assert done.stdout.readline() == "waiting\n"
        os.kill(done.pid, signum)
        assert done.wait(timeout=10) == 130
        assert done.stderr.read().split() == told.split()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_check_goes_on_after_a_file_that_no_draw_can_make(form: tuple[str, ...], tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(POSSIBLE.replace("ego.windscreen", "ego.nose"))
    second.write_text(POSSIBLE.replace("ego.windscreen", "ghost.windscreen"))
    done = run("check", str(first), str(second), *form)
    assert done.exit_code == 2
    assert f"{first}:9:27: unknown mount of ego 'nose'" in done.stderr
    assert f"{second}:9:27: unknown actor 'ghost'" in done.stderr
    if form:
        assert [[d["where"] for d in report["diagnostics"]] for report in json.loads(done.stdout)] == [
            [f"{first}:9:27"],
            [f"{second}:9:27"],
        ]


def test_what_takes_its_time_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with noted_if_long("still at it", after_s=0.01):
        time.sleep(0.3)
    with noted_if_long("soon done", after_s=60.0):
        pass
    told = capsys.readouterr()
    assert told.err == "still at it\n" and told.out == ""
