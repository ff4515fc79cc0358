from __future__ import annotations

from collections.abc import Iterator

import pytest

from simgen.core.errors import RendererUnavailable
from simgen.core.vocabulary import renderers
from simgen.rendering import Renderer


def opened(name: str) -> Iterator[Renderer]:
    try:
        renderer = renderers.get(name).create()
    except RendererUnavailable as error:
        pytest.skip(str(error))
    with renderer:
        yield renderer


@pytest.fixture(scope="session")
def raster() -> Iterator[Renderer]:
    yield from opened("raster")


@pytest.fixture(scope="session")
def tiny() -> Iterator[Renderer]:
    yield from opened("tiny")


@pytest.fixture(scope="session")
def pyrender() -> Iterator[Renderer]:
    yield from opened("pyrender")


@pytest.fixture(params=["raster", "tiny", "pyrender"])
def each(request: pytest.FixtureRequest) -> Renderer:
    """Every renderer in turn."""
    renderer: Renderer = request.getfixturevalue(request.param)
    return renderer
