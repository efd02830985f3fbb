"""Any input: no parser, loader, search box, argument or address breaks; tests/benchmarks/fuzz.py throws more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fuzzing
import pytest
from hypothesis import HealthCheck, example, given, settings

from reviewdb.review import Review

_MODEST = {"import": 120, "journal": 100, "toml": 150, "sql": 100, "sheet": 100, "search box": 150}


@pytest.fixture(scope="module")
def targets(built: Review, tmp_path_factory: pytest.TempPathFactory) -> Iterator[fuzzing.Targets]:
    folder = shutil.copytree(built.root, tmp_path_factory.mktemp("fuzzed") / "review")
    made = fuzzing.Targets(Review(folder))
    yield made
    made.close()


@pytest.mark.parametrize("name", _MODEST)
def test_any_input_is_read_or_told(name: str, targets: fuzzing.Targets) -> None:
    _throw(targets.named[name], _MODEST[name])


def test_any_arguments_end_as_the_contract_says(targets: fuzzing.Targets) -> None:
    _throw(targets.arguments, 40)


def test_no_address_is_the_fault_of_the_site(targets: fuzzing.Targets) -> None:
    _throw(targets.address, 40)


def test_what_once_broke_something_breaks_no_target(targets: fuzzing.Targets) -> None:
    samples = sorted((Path(__file__).parent / "samples" / "hostile").iterdir())
    assert samples
    for path in samples:
        for name in _MODEST:
            targets.named[name](path.read_bytes())


def _throw(target: fuzzing.Target, examples: int) -> None:
    @settings(max_examples=examples, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @example(b"")
    @given(fuzzing.inputs())
    def thrown(data: bytes) -> None:
        target(data)

    thrown()
