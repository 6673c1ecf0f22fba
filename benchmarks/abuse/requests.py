"""Requests of all methods, valid or damaged, as bytes."""

import struct
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from benchmarks.abuse.mutation import damaged_bytes
from jumok.v1 import translation_pb2 as pb

SERVICE: Final = pb.DESCRIPTOR.services_by_name["TranslationService"]
TEXT: Final = "저는 어제 친구와 함께 영화를 봤어요"

_ODD_FLOATS: Final = (float("nan"), float("inf"), -float("inf"), -0.0, -1.0, 1e-45, 0.5, 1e30)
_ODD_INTEGERS: Final = (0, 1, 2, 5, 16, 17, 1000, 2**31 - 1)
_ODD_TEXTS: Final = (
    "",
    " ",
    "\0",
    "\u200b",
    "ﷺ" * 99,
    "a" * 4001,
    "👩‍👩‍👧",
    "e" + "\u0301" * 99,
    "small",
    "나",
)
_INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64),
    FieldDescriptor.CPPTYPE_ENUM: (-(2**31), 2**31),
}
_FLOATS: Final = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)


def valid_requests() -> dict[str, list[bytes]]:
    """Return valid requests of each method."""
    greedy = pb.DecodingOptions(
        max_tokens=3, min_tokens=1, target_prefix="If", alternatives=2, replace_unknown=True
    )
    beam = pb.DecodingOptions(
        max_tokens=3,
        beam_search=pb.BeamSearch(
            width=2,
            num_hypotheses=2,
            length_penalty=0.5,
            coverage_penalty=0.1,
        ),
    )
    provisional = pb.DecodingOptions(
        max_tokens=3, beam_search=pb.BeamSearch(width=4, provisional=True)
    )
    sampling = pb.DecodingOptions(
        max_tokens=3, sampling=pb.Sampling(temperature=0.5, top_k=3, top_p=0.5, seed=2**64 - 1)
    )
    messages: dict[str, list[Message]] = {
        "Translate": [
            pb.TranslateRequest(text=TEXT, model="small", decoding=decoding, attention=attention)
            for decoding in (greedy, beam, provisional, sampling)
            for attention in pb.Attention.values()
        ],
        "TranslateBatch": [
            pb.TranslateBatchRequest(texts=["나는", "", TEXT], decoding=decoding)
            for decoding in (greedy, beam, sampling)
        ],
        "Align": [
            pb.AlignRequest(source="나는 학생", target="I am a", rule=rule)
            for rule in pb.AlignmentRule.values()
        ],
        "Explain": [
            pb.ExplainRequest(text="나는 학생", target=target, token_index=1)
            for target in ("", "I am a")
        ],
    }
    return {
        method.name: [
            message.SerializeToString()
            for message in messages.get(method.name, [GetMessageClass(method.input_type)()])
        ]
        for method in SERVICE.methods
    }


def damaged_request(valid: bytes, random: Random) -> bytes:
    """Damage the bytes of a request, or put an odd number or nested groups into it."""
    match random.randrange(8):
        case 0:
            place = random.randint(0, len(valid))
            return (
                valid[:place] + struct.pack("<f", random.choice(_ODD_FLOATS)) + valid[place + 4 :]
            )
        case 1:
            return valid + b"\x3b" * random.randint(1, 200)
        case _:
            return damaged_bytes(valid, random)


def odd_requests() -> st.SearchStrategy[tuple[str, bytes]]:
    """Well-formed requests of any method with odd values: pairs of method and bytes."""
    return st.one_of(
        [
            st.tuples(st.just(method.name), _odd_messages(method.input_type).map(_serialized))
            for method in SERVICE.methods
        ]
    )


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()


@st.composite
def _odd_messages(draw: st.DrawFn, kind: Descriptor) -> Any:
    message: Any = GetMessageClass(kind)()
    for field in kind.fields:
        if draw(st.booleans()):
            continue
        if field.message_type is not None and not field.is_repeated:
            getattr(message, field.name).CopyFrom(draw(_odd_messages(field.message_type)))
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(_odd_values(field), max_size=4)))
        else:
            setattr(message, field.name, draw(_odd_values(field)))
    return message


def _odd_values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return _odd_messages(field.message_type)
    if field.cpp_type in _INTEGERS:
        least, beyond = _INTEGERS[field.cpp_type]
        return st.integers(least, beyond - 1) | st.sampled_from(_ODD_INTEGERS)
    if field.cpp_type in _FLOATS:
        return st.floats(width=32) | st.sampled_from(_ODD_FLOATS)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    return texts | st.sampled_from(_ODD_TEXTS) | st.just(TEXT)
