"""The ONNX graph of a BERT sentence encoder, made from its folder in milliseconds; its weights stay where they are.

With an adapter it is that of a cross-encoder: to each matrix a product of two narrow ones is added (Hu et al., "LoRA",
ICLR 2022), and what comes out is one number for a pair of texts.

The graph is a few kilobytes: its weights are ranges of bytes of `model.safetensors`, which onnxruntime maps itself. So
nothing is exported, copied or kept, and no exporter is needed. Attention, normalisation and activation are the fused
operators that onnxruntime brings for BERT.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.float32]]
"""Of an adapter: "LAYER.down" (rank, in) and "LAYER.up" (out, rank) for each matrix "LAYER.weight" that it changes,
"head.weight" (1, 2 * dimensions) and "head.bias" (1,)."""
WEIGHTS = "model.safetensors"
INPUTS = ("input_ids", "token_type_ids", "mask")
"""int32, shape (texts, tokens)."""
OUTPUT = "vectors"
"""float32, shape (texts, dimensions): the mean over the tokens that `mask` has, of unit length."""
SCORE = "scores"
"""float32, shape (texts, 1): what an adapter's head makes of the mean of the tokens beside the first token."""

_FUSED = "com.microsoft"
_FLOAT, _INT32, _INT64 = 1, 6, 7
_IR, _OPSET = 8, 17
_LONGEST_HEADER = 100_000_000


class NoGraphError(Exception):
    """A model of another kind than is known here: torch has to run it. Never reaches a user but in the log."""


def graph(folder: Path, adapter: Arrays | None = None) -> bytes:
    """Return the model of a sentence-transformers folder as ONNX; its weights are to be found beside the weights' file.

    It gives OUTPUT, or with an adapter SCORE.

    Raises:
        NoGraphError: it is no BERT with mean pooling in 32 bits; says what it is instead.
    """
    config = _checked(folder)
    body = _Graph(_tensors(folder / WEIGHTS), (folder / WEIGHTS).resolve().name, adapter or {})
    prefix = "bert." if "bert.embeddings.word_embeddings.weight" in body.tensors else ""
    last = _encoder(body, config, prefix)
    name, size = _pooled(body, last, config) if adapter is None else _judged(body, last)
    nodes, constants = (b"".join(_bytes(field, one) for one in found) for field, found in body.parts())
    inputs = b"".join(_bytes(11, _value(name, _INT32, ("texts", "tokens"))) for name in INPUTS)
    output = _bytes(12, _value(name, _FLOAT, ("texts", size)))
    operators = (_bytes(8, _bytes(1, domain) + _number(2, version)) for domain, version in (("", _OPSET), (_FUSED, 1)))
    return _number(1, _IR) + _bytes(7, nodes + _bytes(2, "bert") + constants + inputs + output) + b"".join(operators)


def _checked(folder: Path) -> dict[str, Any]:
    """Return the model's configuration, once it is clear that the graph says the same as it."""
    try:
        config, kinds, pooling, limits = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json")
        )
    except (OSError, ValueError) as error:
        raise NoGraphError(f"{folder} is no folder of a sentence encoder ({error}).") from error
    wanted: list[tuple[str, Any, Any]] = [
        ("model_type", config.get("model_type"), "bert"),
        ("hidden_act", config.get("hidden_act"), "gelu"),
        ("position_embedding_type", config.get("position_embedding_type", "absolute"), "absolute"),
        ("is_decoder", config.get("is_decoder", False), False),
        ("pooling", _pools(pooling), ["mean"]),
        ("include_prompt", pooling.get("include_prompt", True), True),
        ("modules", [one["type"].rpartition(".")[2] for one in kinds][:2], ["Transformer", "Pooling"]),
        ("other modules", [one["type"].rpartition(".")[2] for one in kinds][2:] in ([], ["Normalize"]), True),
        ("do_lower_case", limits.get("do_lower_case", False), False),
    ]
    for name, found, expected in wanted:
        if found != expected:
            raise NoGraphError(f"{folder.name}: {name} is {found!r}, not {expected!r}.")
    return dict(config)


def _pools(pooling: Mapping[str, Any]) -> list[str]:
    """Return how the tokens' vectors are pooled, from either spelling of the configuration."""
    if "pooling_mode" in pooling:
        mode = pooling["pooling_mode"]
        return [mode] if isinstance(mode, str) else list(mode)
    prefix = "pooling_mode_"
    names = {"mean_tokens": "mean", "cls_token": "cls", "max_tokens": "max"}
    return [names.get(key.removeprefix(prefix), key) for key, on in pooling.items() if key.startswith(prefix) and on]


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: str
    shape: tuple[int, ...]
    offset: int
    length: int


def _tensors(weights: Path) -> dict[str, _Tensor]:
    """Return where each tensor of a safetensors file is: an 8-byte length, a JSON header, then the bytes."""
    try:
        with weights.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _LONGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        return {
            name: _Tensor(one["dtype"], tuple(one["shape"]), 8 + length + first, last - first)
            for name, one in header.items()
            for first, last in [one["data_offsets"]]
        }
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise NoGraphError(f"{weights} can't be read as safetensors ({error}).") from error


class _Graph:
    """Nodes and weights in the making, each as the bytes of its ONNX message."""

    def __init__(self, tensors: Mapping[str, _Tensor], location: str, adapter: Arrays) -> None:
        self.tensors = tensors
        self._location = location
        self._adapter = adapter
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def parts(self) -> tuple[tuple[int, list[bytes]], tuple[int, list[bytes]]]:
        """Return nodes and constants with the numbers that they have as fields of a graph."""
        return (1, self._nodes), (5, list(self._constants.values()))

    def weight(self, name: str) -> str:
        """Name a tensor of the weights' file, changed as the adapter wants it, as an input of a node."""
        layer = name.removesuffix(".weight")
        if name == layer or f"{layer}.up" not in self._adapter:
            return self._stored(name)
        product = self.add("MatMul", [self.given(f"{layer}.up"), self.given(f"{layer}.down")], f"{layer}.change")
        return self.add("Add", [self._stored(name), product], f"{layer}.changed")

    def given(self, name: str) -> str:
        """Name an array of the adapter as an input of a node; its numbers go into the graph."""
        array = np.ascontiguousarray(self._adapter[name], dtype="<f4")
        shape = b"".join(_number(1, size) for size in array.shape)
        self._constants[name] = shape + _number(2, _FLOAT) + _bytes(8, name) + _bytes(9, array.tobytes())
        return name

    def _stored(self, name: str) -> str:
        found = self.tensors.get(name)
        if found is None or found.kind != "F32":
            raise NoGraphError(f"{name} is {found.kind if found else 'missing'}, not F32.")
        where = (("location", self._location), ("offset", str(found.offset)), ("length", str(found.length)))
        external = b"".join(_bytes(13, _bytes(1, key) + _bytes(2, value)) for key, value in where)
        shape = b"".join(_number(1, size) for size in found.shape)
        self._constants[name] = shape + _number(2, _FLOAT) + _bytes(8, name) + external + _number(14, 1)
        return name

    def integers(self, name: str, values: Sequence[int]) -> str:
        """Name a row of integers as an input of a node."""
        raw = struct.pack(f"<{len(values)}q", *values)
        self._constants[name] = _number(1, len(values)) + _number(2, _INT64) + _bytes(8, name) + _bytes(9, raw)
        return name

    def add(
        self, operator: str, inputs: Sequence[str], output: str, domain: str = "", unused: str = "", **attributes: Any
    ) -> str:
        """Append a node; return the name of what it gives. Some operators must be given a second name, if `unused`."""
        outputs = b"".join(_bytes(2, name) for name in (output, unused) if name)
        ends = b"".join(_bytes(1, name) for name in inputs) + outputs + _bytes(4, operator)
        options = b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(ends + (_bytes(7, domain) if domain else b"") + options)
        return output

    def linear(self, of: str, name: str) -> str:
        """Multiply by a layer's matrix, which torch keeps transposed; its bias goes into the next node."""
        turned = self.add("Transpose", [self.weight(f"{name}.weight")], f"{name}.turned", perm=[1, 0])
        return self.add("MatMul", [of, turned], f"{name}.product")


def _encoder(body: _Graph, config: Mapping[str, Any], prefix: str) -> str:
    epsilon = float(config["layer_norm_eps"])
    first = f"{prefix}embeddings."
    tables = [body.weight(f"{first}{name}_embeddings.weight") for name in ("word", "position", "token_type")]
    norm = [body.weight(f"{first}LayerNorm.{part}") for part in ("weight", "bias")]
    given = [*INPUTS[:2], *tables, *norm, INPUTS[2]]
    state = body.add("EmbedLayerNormalization", given, "embedded", _FUSED, "unused", epsilon=epsilon)
    for number in range(int(config["num_hidden_layers"])):
        layer = f"{prefix}encoder.layer.{number}."
        state = _layer(body, layer, state, int(config["num_attention_heads"]), epsilon)
    return state


def _layer(body: _Graph, layer: str, state: str, heads: int, epsilon: float) -> str:
    kinds = [f"{layer}attention.self.{name}" for name in ("query", "key", "value")]
    joined = body.add("Concat", [body.weight(f"{kind}.weight") for kind in kinds], f"{layer}qkv", axis=0)
    turned = body.add("Transpose", [joined], f"{layer}qkv.turned", perm=[1, 0])
    biases = body.add("Concat", [body.weight(f"{kind}.bias") for kind in kinds], f"{layer}qkv.bias", axis=0)
    seen = body.add("Attention", [state, turned, biases, INPUTS[2]], f"{layer}seen", _FUSED, num_heads=heads)
    middle = _added(body, seen, state, f"{layer}attention.output.", epsilon)
    wide = body.linear(middle, f"{layer}intermediate.dense")
    bias = body.weight(f"{layer}intermediate.dense.bias")
    active = body.add("BiasGelu", [wide, bias], f"{layer}active", _FUSED)
    return _added(body, active, middle, f"{layer}output.", epsilon)


def _added(body: _Graph, of: str, skipped: str, name: str, epsilon: float) -> str:
    """Project, add what was skipped, and normalise."""
    product = body.linear(of, f"{name}dense")
    norm = [body.weight(f"{name}{part}") for part in ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")]
    return body.add("SkipLayerNormalization", [product, skipped, *norm], f"{name}sum", _FUSED, epsilon=epsilon)


def _pooled(body: _Graph, state: str, config: Mapping[str, Any]) -> tuple[str, int]:
    """Take the sum of the tokens' vectors; the unit length makes a mean of it."""
    total, _ = _summed(body, state)
    return body.add("LpNormalization", [total], OUTPUT, axis=1, p=2), int(config["hidden_size"])


def _judged(body: _Graph, state: str) -> tuple[str, int]:
    """Put the mean of the tokens' vectors and the first of them through the adapter's head."""
    total, row = _summed(body, state)
    count = body.add("ReduceSum", [row, body.integers("last", [2])], "count", keepdims=0)
    mean = body.add("Div", [total, count], "mean")
    first = body.add("Gather", [state, body.integers("at", [0])], "first", axis=1)
    begin = body.add("Squeeze", [first, body.integers("middle", [1])], "begin")
    both = body.add("Concat", [mean, begin], "both", axis=1)
    head = [both, body.given("head.weight"), body.given("head.bias")]
    return body.add("Gemm", head, SCORE, transB=1), 1


def _summed(body: _Graph, state: str) -> tuple[str, str]:
    """Return the sum of the vectors of the tokens that are there, and which these are, as numbers."""
    axis = body.integers("middle", [1])
    row = body.add("Unsqueeze", [body.add("Cast", [INPUTS[2]], "there", to=_FLOAT), axis], "row")
    return body.add("Squeeze", [body.add("MatMul", [row, state], "sums"), axis], "sum"), row


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _bytes(2, size) for size in shape)
    dimensions = b"".join(_bytes(1, size) for size in sizes)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dimensions)))


def _attribute(name: str, value: float | int | Sequence[int]) -> bytes:
    if isinstance(value, float):
        return _bytes(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return _bytes(1, name) + _number(3, value) + _number(20, 2)
    return _bytes(1, name) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    body = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(body)) + body
