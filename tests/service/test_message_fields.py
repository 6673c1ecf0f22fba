"""Fields of serialized messages, found without parsing."""

from hypothesis import given
from hypothesis import strategies as st

from jumok.service.message_fields import message_fields
from jumok.v1 import translation_pb2 as pb


def test_each_field_is_found() -> None:
    """Numbers and values of all fields are found in order, nested messages as one field."""
    message = pb.Token(id=300, piece="가", log_prob=-0.5, attention=[0.5, 0.5])
    content = message.SerializeToString()
    fields = list(message_fields(content, 0, len(content)))
    assert [field.number for field in fields] == [1, 2, 4, 5]
    assert [field.delimited for field in fields] == [False, True, False, True]
    assert content[fields[1].start : fields[1].end] == "가".encode()
    assert fields[-1].end == len(content)


@given(st.binary(max_size=60))
def test_any_bytes_are_scanned_up_to_the_first_malformed_field(content: bytes) -> None:
    """Fields never overlap and never reach beyond the end, whatever the bytes are."""
    place = 0
    for field in message_fields(content, 0, len(content)):
        assert place < field.end <= len(content)
        assert place < field.start <= field.end
        place = field.end
