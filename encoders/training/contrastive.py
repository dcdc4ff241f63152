"""Symmetric contrastive loss of pictures and texts (InfoNCE), its gradients, and Adam, in numpy.

The loss is that of CLIP (Radford et al., 2021, "Learning Transferable Visual Models From Natural
Language Supervision") with several positives per row, as in UniCL (Yang et al., 2022, "Unified
Contrastive Learning in Image-Text-Label Space"): a text that belongs to many pictures of a batch, such
as a label, is no negative of any of them. Adam with decoupled weight decay: Loshchilov and Hutter, 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Of float32 in training, of float64 where gradients are checked.
Rows = NDArray[Any]

_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8


def loss(
    pictures: Rows, texts: Rows, positive: NDArray[np.bool_], temperature: float
) -> tuple[float, Rows, Rows]:
    """Compute the loss and its gradients.

    Args:
        pictures: Unit rows, shape (n, dim).
        texts: Unit rows, shape (m, dim), each text once.
        positive: Which text belongs to which picture, shape (n, m); none of its rows and columns is
            empty.
        temperature: Cosines are divided by it.

    Returns:
        The loss, and its gradients by both inputs.
    """
    logits = (pictures @ texts.T) / temperature
    by_picture, picture_gradient = _cross_entropy(logits, positive)
    by_text, text_gradient = _cross_entropy(logits.T, positive.T)
    gradient = (picture_gradient + text_gradient.T) / (2 * temperature)
    return (by_picture + by_text) / 2, gradient @ texts, gradient.T @ pictures


def _cross_entropy(logits: Rows, positive: NDArray[np.bool_]) -> tuple[float, Rows]:
    """Mean cross-entropy of the rows against an even share of their positives, and its gradient."""
    wanted = positive / positive.sum(axis=1, keepdims=True)
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    gradient: Rows = (np.exp(logs) - wanted) / len(logits)
    return float(-(wanted * logs).sum(axis=1).mean()), gradient


def through_length(gradient: Rows, unit: Rows, raw: Rows) -> Rows:
    """Carry a gradient by unit rows back to the rows before they were scaled to length one."""
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    across: Rows = gradient - unit * (gradient * unit).sum(axis=1, keepdims=True)
    back: Rows = across / lengths
    return back


class Adam:
    """Adam with decoupled weight decay, over arrays that it changes in place."""

    def __init__(self, weights: dict[str, Rows], decay: float) -> None:
        self._weights = weights
        self._decay = decay
        self._means = {name: np.zeros_like(array) for name, array in weights.items()}
        self._squares = {name: np.zeros_like(array) for name, array in weights.items()}
        self._step = 0

    def step(self, gradients: dict[str, Rows], rate: float) -> None:
        """Take one step against the gradients."""
        self._step += 1
        for name, gradient in gradients.items():
            mean, square = self._means[name], self._squares[name]
            mean += (1 - _FIRST) * (gradient - mean)
            square += (1 - _SECOND) * (gradient**2 - square)
            right = mean / (1 - _FIRST**self._step)
            spread = np.sqrt(square / (1 - _SECOND**self._step)) + _TINY
            self._weights[name] -= rate * (right / spread + self._decay * self._weights[name])
