from __future__ import annotations

import math

import pytest

from ml.plain import plain


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (265_209_000.4, 4, "265,209,000"), (20_080.0, 4, "20,080"), (1_234.5678, 6, "1,234.57"), (999.96, 4, "1,000"),
        (1.5, 4, "1.5"), (0.53231, 4, "0.5323"), (-12.3456, 4, "-12.35"), (0.0, 4, "0"), (100.0, 4, "100"),
        (1e-12, 4, "0"), (math.inf, 4, "inf"), (math.nan, 4, "nan"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_write_it(value: float, digits: int, text: str) -> None:
    assert plain(value, digits) == text
