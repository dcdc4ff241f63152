"""Sessions of ONNX Runtime on the processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from encoders.runtime import device
from encoders.runtime.optional import require


def open_session(graph: Path, threads: int | None) -> Any:
    """Open a graph with ONNX Runtime.

    Args:
        graph: The ONNX file.
        threads: Threads of one run; None for one per core this process may use.

    Raises:
        EncoderNotInstalled: If onnxruntime is absent.
    """
    runtime = require("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or device.cores()
    options.inter_op_num_threads = 1
    # Waiting threads must sleep: PostgreSQL shares these cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
