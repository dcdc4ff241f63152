"""Builder of ONNX graphs: collects nodes and constants, each constant once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require

Shape = Sequence[str | int]

_OPSET = 20
_IR_VERSION = 10


class GraphBuilder:
    """Nodes and constants collected so far; methods return the name of a tensor.

    Raises:
        EncoderNotInstalled: If the onnx package is absent.
    """

    def __init__(self) -> None:
        self._onnx = require("onnx")
        self.types = self._onnx.TensorProto
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node with one output, named by `output` or by operator and number."""
        output = attributes.pop("output", "") or f"{operator}_{len(self._nodes)}"
        node = self._onnx.helper.make_node(operator, inputs, [output], **attributes)
        self._nodes.append(node)
        return str(output)

    def constant(self, name: str, value: NDArray[Any] | np.generic | Sequence[int]) -> str:
        """Add a constant once; a list of integers becomes int64."""
        if name not in self._constants:
            array = np.asarray(value, order="C")
            self._constants[name] = self._onnx.numpy_helper.from_array(array, name)
        return name

    def model(
        self,
        name: str,
        inputs: Mapping[str, tuple[int, Shape]],
        outputs: Mapping[str, Shape],
        domains: Sequence[str] = (),
    ) -> Any:
        """The finished model.

        Args:
            name: Of the graph.
            inputs: Element type and shape by name.
            outputs: Shapes by name; all are float32.
            domains: Of operators beyond the standard ones.
        """
        helper = self._onnx.helper
        takes = [helper.make_tensor_value_info(n, *of) for n, of in inputs.items()]
        gives = [
            helper.make_tensor_value_info(n, self.types.FLOAT, shape)
            for n, shape in outputs.items()
        ]
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, name, takes, gives, constants)
        opsets = [helper.make_opsetid("", _OPSET), *(helper.make_opsetid(d, 1) for d in domains)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
