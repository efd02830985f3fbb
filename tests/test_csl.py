"""CSL-JSON read: the shapes that programs write, and those that nobody should."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from reviewdb import formats
from reviewdb.formats import Hit


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"issued": {"date-parts": [["2019", 5]]}}, {"year": 2019, "published": "2019-05"}),
        ({"issued": {"raw": "2019-05-06"}}, {"year": 2019, "published": "2019-05-06"}),
        ({"issued": {"date-parts": [[None]]}}, {"year": None}),
        ({"issued": {"date-parts": [["9" * 5000]]}}, {"year": None}),
        ({"issued": {"date-parts": []}}, {"year": None}),
        ({"issued": 2019}, {"year": 2019}),
        (
            {"author": [{"family": "Hespen", "non-dropping-particle": "van", "given": "K."}, {"literal": "A Group"}]},
            {"authors": ("van Hespen, K.", "A Group")},
        ),
        ({"author": ["Plain", None, {"x": 1}, {"literal": "others"}]}, {"authors": ("Plain",)}),
        ({"author": "Plain"}, {"authors": ("Plain",)}),
        ({"container-title": "V", "page": "1–2", "volume": 3, "issue": "4"}, {"venue": "V", "volume": "3(4)"}),
        ({"type": "paper-conference"}, {"venue_type": "conference"}),
        ({"type": "article", "genre": "preprint"}, {"venue_type": "repository"}),
        ({"type": 5, "genre": []}, {"venue_type": ""}),
    ],
)
def test_an_item_is_a_record(item: dict[str, Any], said: dict[str, Any]) -> None:
    text = json.dumps([{"id": "x", "type": "article-journal", "title": "T", "issued": {}, **item}])
    form = formats.recognise(text)
    assert form is not None
    assert form.source.label == "CSL-JSON"
    (found,) = form.read(io.StringIO(text))
    assert isinstance(found, Hit)
    assert {name: getattr(found.record, name) for name in said} == said
