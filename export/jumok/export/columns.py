"""Weights in int8, a scale for each column."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 127


def quantized_columns(weight: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantize float [..., inner, columns] by column.

    Processors without VNNI add up two neighbouring products by a uint8 in int16, and cut off what
    does not fit (VPMADDUBSW). So two neighbours of one sign come to at most 128 together: 128 · 255
    fits, and a product is the same on every processor.

    Returns:
        int8 of that shape, and what one step of it is worth, float32 [..., columns].
    """
    inner = weight.shape[-2]
    missing = [(0, 0)] * (weight.ndim - 2) + [(0, inner % 2), (0, 0)]
    pairs = np.pad(weight, missing).reshape(*weight.shape[:-2], -1, 2, weight.shape[-1])
    largest = np.maximum(
        *(np.maximum(signed, 0).sum(axis=-2).max(axis=-2) for signed in (pairs, -pairs))
    )
    scales = (np.maximum(largest, 1e-9) / _MOST).astype(np.float32)
    integers = np.clip(np.rint(weight / scales[..., None, :]), -_MOST, _MOST).astype(np.int8)
    return integers, scales
