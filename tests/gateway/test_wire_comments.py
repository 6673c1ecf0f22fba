"""The comments of the .proto."""

from jumok.gateway.wire_comments import wire_comments
from jumok.v1 import translation_pb2 as pb


def test_everything_is_described() -> None:
    """Each message and enum, and each of their members, has its comment."""
    comments = wire_comments()
    for name, message in pb.DESCRIPTOR.message_types_by_name.items():
        assert comments[name]
        for field in message.fields:
            assert comments[f"{name}.{field.name}"], f"{name}.{field.name}"
    for name, enum in pb.DESCRIPTOR.enum_types_by_name.items():
        assert comments[name]
        for value in enum.values:
            assert comments[f"{name}.{value.name}"]


def test_comments_are_whole() -> None:
    """Lines of a comment are joined."""
    assert wire_comments()["Token.attention"] == (
        "The attention that produced it, one weight for each token of its segment; the weights "
        "sum to 1."
    )
