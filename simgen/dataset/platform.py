"""The facts about software and processor that pixels may depend on. Neither clock nor host name is among them."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
import sys
import zlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

DISTRIBUTION = "simgen-scenarios"
_PACKAGES = (
    "isal",
    "moderngl",
    "numpy",
    "opencv-python-headless",
    "pyarrow",
    "pybullet",
    "pydantic",
    "PyOpenGL",
    "pyrender",
    "scipy",
    "trimesh",
)
# What decides which instructions numpy, OpenCV and llvmpipe use; mitigations and virtualisation flags do not.
_INSTRUCTION_SETS = (
    "adx", "aes", "amx", "asimd", "avx", "bmi", "f16c", "fma", "fphp", "lse", "movbe", "neon", "pclmulqdq", "popcnt",
    "sha", "sse", "ssse", "sve",
)  # fmt: skip


class PlatformFacts(BaseModel):
    """Where a frame was made, as far as it may decide its bytes.

    Attributes:
        commit: git commit of the checkout that simgen runs from; None for an installed package.
        source_sha256: digest over simgen's own source files, so that an edit after the commit shows.
        packages: versions of the distributions that compute or encode.
        cpu_features: instruction sets of the processor.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    simgen: str
    commit: str | None
    source_sha256: str
    python: str
    system: str
    machine: str
    libc: str
    zlib: str
    packages: dict[str, str]
    cpu_features: tuple[str, ...]


@functools.cache
def simgen_version() -> str:
    return importlib.metadata.version(DISTRIBUTION)


@functools.cache
def platform_facts() -> PlatformFacts:
    """The facts of this process, gathered once."""
    package = Path(__file__).resolve().parents[1]
    return PlatformFacts(
        simgen=simgen_version(),
        commit=_commit(package.parent),
        source_sha256=_source_digest(package),
        python=platform.python_version(),
        system=sys.platform,
        machine=platform.machine(),
        libc=" ".join(platform.libc_ver()).strip(),
        zlib=zlib.ZLIB_RUNTIME_VERSION,
        packages={name: version for name in _PACKAGES if (version := _version(name)) is not None},
        cpu_features=_cpu_features(),
    )


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit(checkout: Path) -> str | None:
    """HEAD of the checkout, read from git's own files: git itself may be absent or refuse a foreign owner."""
    git = checkout / ".git"
    try:
        if git.is_file():  # a worktree: "gitdir: <path>"
            git = (checkout / git.read_text().partition(":")[2].strip()).resolve()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head
        ref = head.partition(":")[2].strip()
        common = git / "commondir"
        base = (git / common.read_text().strip()).resolve() if common.is_file() else git
        loose = base / ref
        if loose.is_file():
            return loose.read_text().strip()
        for line in (base / "packed-refs").read_text().splitlines():
            digest, _, name = line.partition(" ")
            if name == ref:
                return digest
    except OSError:
        return None
    return None


def _source_digest(package: Path) -> str:
    hasher = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package)
        if path.is_file() and "__pycache__" not in relative.parts and relative.parts[0] != "_shipped":
            hasher.update(f"{relative.as_posix()}\0".encode())
            hasher.update(hashlib.sha256(path.read_bytes()).digest())
    return hasher.hexdigest()


def _cpu_features() -> tuple[str, ...]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ()
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return tuple(sorted(f for f in value.split() if f.startswith(_INSTRUCTION_SETS)))
    return ()
