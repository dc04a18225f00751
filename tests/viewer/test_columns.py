"""Columns say what was put in, for any mixture of numbers, names and gaps."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simgen.viewer.columns import Column, Columns

NAMES = st.lists(st.sampled_from([f"n{i:02d}" for i in range(80)]), max_size=5)
ROW = st.fixed_dictionaries(
    {},
    optional={
        "brightness": st.floats(width=32, allow_nan=False, allow_infinity=False),
        "stage": st.lists(st.sampled_from("abc"), max_size=1),
        "materials": NAMES,
    },
)


def of(rows: list) -> dict[str, Column]:
    columns = Columns(["sharpness"], several=["materials"])
    for row in rows:
        columns.add(row)
    return {column.about["id"]: column for column in columns.all()}


def names_of(column: Column, image: int) -> set[str]:
    """As a page reads them."""
    categories, value = column.about["categories"], column.values[image]
    if column.about["kind"] == "category":
        return set() if value == 65535 else {categories[value]}
    words = np.atleast_1d(value)
    return {c for i, c in enumerate(categories) if int(words[i // 32]) >> (i % 32) & 1}


@given(st.lists(ROW, min_size=1, max_size=40))
def test_they_hold_what_was_put_in(rows: list[dict]) -> None:
    columns = of(rows)
    for name in ("stage", "materials"):
        for image, row in enumerate(rows):
            if name in columns:
                assert names_of(columns[name], image) == set(row.get(name, []))
                assert columns[name].about["missing"] == sum(not row.get(name) for row in rows)
    values = [row.get("brightness", math.nan) for row in rows]
    if "brightness" in columns:
        np.testing.assert_array_equal(columns["brightness"].values, np.float32(values))
        assert columns["brightness"].about["min"] == np.float32(np.nanmin(values))
        assert columns["brightness"].about["max"] == np.float32(np.nanmax(values))
    assert columns["sharpness"].about | {"about": ""} == {
        "id": "sharpness", "title": "sharpness", "group": "image", "unit": "", "about": "",
        "kind": "number", "min": None, "max": None, "missing": len(rows),
    }  # fmt: skip


def test_many_categories_take_several_words() -> None:
    names = [f"n{i:02d}" for i in range(70)]
    column = of([{"materials": [name]} for name in names])["materials"]
    assert column.values.shape == (70, 3)
    assert [names_of(column, i) for i in range(70)] == [{name} for name in names]


def test_a_name_of_many_images_is_a_category() -> None:
    assert of([{"stage": ["a"]}, {"stage": ["b"]}])["stage"].about["kind"] == "category"
    assert of([{"stage": ["a", "b"]}])["stage"].about["kind"] == "flags"


def test_columns_are_files_so_their_names_are_those_of_config_keys() -> None:
    bad = ["../../x.y", "a/b.c", "cam", "A.b", "a..b", "x." + "y" * 99, ".a", "a.b\n"]
    rows = [dict.fromkeys([*bad, "camera.fill_range"], 1.0)]
    assert sorted(of(rows)) == ["camera.fill_range", "sharpness"]


def test_titles_have_units_and_meanings() -> None:
    columns = of([{"camera.elevation_deg_range": 1.0, "lighting.studio.softness_range": 2.0}])
    about = columns["camera.elevation_deg_range"].about
    assert (about["group"], about["title"], about["unit"]) == ("camera", "elevation", "°")
    assert len(about["about"]) > 5
    assert columns["lighting.studio.softness_range"].about["title"] == "studio softness"
