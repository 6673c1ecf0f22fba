"""Weights in int8, a scale for each column."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def quantized_columns(weight: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantize float [..., inner, columns] by column.

    Returns:
        int8 of that shape, and what one step of it is worth, float32 [..., columns].
    """
    largest = np.abs(weight).max(axis=-2)
    scales = (np.maximum(largest, 1e-9) / 127).astype(np.float32)
    integers = np.clip(np.rint(weight / scales[..., None, :]), -127, 127).astype(np.int8)
    return integers, scales
