"""Quantization of weights to int8 by column."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 127


def quantized_columns(weight: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantize float [..., inner, columns] with one scale per column.

    Processors without VNNI add two neighbouring uint8 · int8 products in int16, with saturation
    (VPMADDUBSW). Therefore two neighbouring weights of the same sign sum to at most 128: 128 · 255
    fits into int16, and products are the same on every processor.

    Returns:
        Integers int8 of the same shape, and scales float32 [..., columns].
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
