"""Arrays and names survive, and no name can do anything in a page."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from viewer.scripts import handed_over, unpacked

from simgen.viewer.packing import pack, script

DTYPES = ("uint8", "uint16", "uint32", "float16", "float32", "int8", "int32")


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
    ),
    st.booleans(),
)
def test_arrays_survive(array: np.ndarray, fast: bool) -> None:
    packed = json.loads(json.dumps(pack(array, fast)))
    found = unpacked(packed)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


def test_strides_and_byte_order_do_not_matter() -> None:
    array = np.arange(24, dtype=">u2").reshape(4, 6).T[::2]
    np.testing.assert_array_equal(unpacked(pack(array)), array)


@given(
    st.text(),
    st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)),
)
def test_names_and_values_survive(name: str, values: dict) -> None:
    assert handed_over(script(name, values)) == (name, values)


@given(st.text(st.sampled_from("</scriptSCRIPT>!-\u2028\u2029\\\"'&;\n\r\0]"), min_size=1))
def test_no_text_leaves_its_place(text: str) -> None:
    """JSON is a part of JavaScript but for two line separators (before ES2019), and an element ends
    at `</script`, or goes on behind `<!--`."""
    content = script(text, [text, {text: text}]).decode()
    assert not set(content) & set("<\u2028\u2029\r\0")
    assert content.count("\n") == 1
    assert handed_over(content.encode()) == (text, [text, {text: text}])


def test_what_is_no_number_is_null() -> None:
    assert handed_over(script("x", [float("nan"), float("inf")])) == ("x", [None, None])


def test_halves_of_characters_are_replaced() -> None:
    assert handed_over(script("\udcff", {"a\ud800": ["b\udfff", 1]})) == ("?", {"a?": ["b?", 1]})
