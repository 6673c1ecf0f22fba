"""The synchronous client, against a server."""

from typing import Any

import grpc
import pytest

from jumok.client.decoding import BeamSearch, DecodingOptions, Sampling
from jumok.client.errors import (
    InvalidRequest,
    ModelNotFound,
    Overloaded,
    ServerError,
    Timeout,
    Unavailable,
)
from jumok.client.events import (
    AlignmentLink,
    Alternative,
    FinishReason,
    Result,
    ServingStatus,
    Source,
    SourceToken,
    Span,
    Timings,
    Tokens,
)
from jumok.client.sync_client import Client
from jumok.v1 import translation_pb2 as pb

TEXT = "나는 학생입니다"


def test_events_are_in_order(client: Client) -> None:
    """A translation consists of source, tokens and result."""
    kinds = [type(event) for event in client.translate(TEXT)]

    assert kinds == [Source, Tokens, Tokens, Tokens, Result]


def test_events_are_converted(client: Client) -> None:
    """Events are frozen values with all fields of the messages; unset fields are None."""
    source, first, second, _, result = client.translate(TEXT)

    assert isinstance(source, Source)
    assert source.tokens[1] == SourceToken(id=12, piece="▁학생", start=3, end=5, word=1)
    assert source.tokens[3].word is None
    assert source.words == (Span(0, 2), Span(3, 8))
    assert isinstance(first, Tokens)
    assert first.text == "I"
    assert first.tokens[0].attention == pytest.approx((0.96, 0.02, 0.01, 0.01))
    assert first.tokens[0].best_position == 0
    assert isinstance(second, Tokens)
    assert second.text == " am a"
    assert isinstance(result, Result)
    assert result.finish_reason is FinishReason.END_OF_SENTENCE
    assert result.hypotheses[0].alignment == (AlignmentLink(1, 3, 0.75),)
    assert result.timings == Timings(queued=0.001, first_token=0.012, total=1.5)
    with pytest.raises(AttributeError):
        result.model = "other"  # type: ignore[misc]


def test_translation_is_collected(client: Client) -> None:
    """`translate_text` returns the text and an attention matrix [target, source]."""
    translation = client.translate_text(TEXT)

    assert translation.text == "I am a student"
    assert "".join(token.text for token in translation.tokens) == translation.text
    assert [len(row) for row in translation.attention] == [4] * 5


def test_requested_attention(client: Client) -> None:
    """With "none" tokens have neither row nor best position, with "best" only the position."""
    none = client.translate_text(TEXT, attention="none").tokens[0]
    best = client.translate_text(TEXT, attention="best").tokens[0]

    assert (none.attention, none.best_position) == ((), None)
    assert (best.attention, best.best_position) == ((), 0)


def test_options_are_sent(client: Client, server: Any) -> None:
    """The model's name and the options are sent; options not given are unset."""
    client.translate_text(TEXT, model="ko-en", decoding=DecodingOptions(max_tokens=7, min_tokens=0))
    client.translate_text(TEXT)
    limited, free = server.servicer.requests

    assert limited.model == "ko-en"
    assert limited.decoding == pb.DecodingOptions(max_tokens=7, min_tokens=0)
    assert not free.HasField("decoding")


def test_searches_are_sent(client: Client, server: Any) -> None:
    """Each search has its own options, and can be sent without any."""
    beam = BeamSearch(width=4, num_hypotheses=2, length_penalty=0.5, coverage_penalty=0.25)
    sampling = Sampling(temperature=0.5, top_k=9, top_p=0.75, seed=2**64 - 1)
    for search in (
        DecodingOptions(beam_search=beam, target_prefix="저", alternatives=3, replace_unknown=True),
        DecodingOptions(beam_search=BeamSearch()),
        DecodingOptions(sampling=sampling),
    ):
        client.translate_text(TEXT, decoding=search)
    sent = [request.decoding for request in server.servicer.requests]

    assert sent[0] == pb.DecodingOptions(
        target_prefix="저",
        beam_search=pb.BeamSearch(
            width=4, num_hypotheses=2, length_penalty=0.5, coverage_penalty=0.25
        ),
        alternatives=3,
        replace_unknown=True,
    )
    assert sent[1] == pb.DecodingOptions(beam_search=pb.BeamSearch())
    assert sent[2].sampling == pb.Sampling(temperature=0.5, top_k=9, top_p=0.75, seed=2**64 - 1)


def test_hypotheses_are_returned(client: Client) -> None:
    """Each hypothesis has its score, finish reason and tokens, including the best."""
    beam = BeamSearch(num_hypotheses=3)
    translation = client.translate_text(TEXT, decoding=DecodingOptions(beam_search=beam))
    best, second, third = translation.result.hypotheses

    assert [best.score, second.score, third.score] == [-0.25, -0.5, -0.75]
    assert best.tokens == translation.tokens
    assert [token.text for token in second.tokens] == ["I"]
    assert third.finish_reason is FinishReason.END_OF_SENTENCE


def test_provisional_tokens_are_separate(client: Client) -> None:
    """Provisional tokens are separate from decided ones and not part of the translation."""
    decoding = DecodingOptions(beam_search=BeamSearch(provisional=True))
    events = list(client.translate(TEXT, decoding=decoding))
    first = next(event for event in events if isinstance(event, Tokens))

    assert (first.text, first.provisional_text) == ("I", " student")
    assert len(client.translate_text(TEXT, decoding=decoding).tokens) == 5


def test_alternatives_and_seed_are_returned(client: Client) -> None:
    """Tokens have their alternatives, and sampled translations their seed."""
    decoding = DecodingOptions(sampling=Sampling(), alternatives=2)
    translation = client.translate_text(TEXT, decoding=decoding)

    assert translation.tokens[1].alternatives == (
        Alternative(31, "▁am0", -2.0),
        Alternative(32, "▁am1", -3.0),
    )
    assert translation.result.seed == 7
    assert client.translate_text(TEXT).result.seed is None


def test_closing_early_cancels(client: Client, server: Any) -> None:
    """Closing the iterator before its end cancels the call at the server."""
    events = client.translate("끝없이")
    next(events)
    next(events)
    events.close()

    assert server.servicer.cancelled.wait(5)


def test_leaving_the_loop_cancels(client: Client, server: Any) -> None:
    """Breaking out of the loop cancels the call as soon as nothing holds the iterator."""
    for _ in client.translate("끝없이"):
        break

    assert server.servicer.cancelled.wait(5)


def test_refusal_names_the_field(client: Client) -> None:
    """INVALID_ARGUMENT becomes InvalidRequest with the field and the reason from BadRequest."""
    with pytest.raises(InvalidRequest, match=r"^text: has 700 characters") as refused:
        client.translate_text("너무 김")

    assert refused.value.field == "text"
    assert refused.value.description == "has 700 characters, and the most is 512: split it"


def test_unknown_model(client: Client) -> None:
    """NOT_FOUND becomes ModelNotFound with the message of the server."""
    with pytest.raises(ModelNotFound, match="this server has 'ko-en'"):
        client.translate_text(TEXT, model="de-en")
    with pytest.raises(ModelNotFound, match="'de-en'"):
        client.get_model("de-en")


def test_overload_has_a_retry_delay(client: Client, server: Any) -> None:
    """RESOURCE_EXHAUSTED becomes Overloaded with the seconds from RetryInfo."""
    server.servicer.overloads = 1
    with pytest.raises(Overloaded, match=r"try again in 0\.05 s") as overloaded:
        client.translate_text("만원")

    assert overloaded.value.retry_after == pytest.approx(0.05)


def test_draining_server(client: Client) -> None:
    """UNAVAILABLE from a server becomes Unavailable with the message of the server."""
    with pytest.raises(Unavailable, match=r"takes no requests now \(the server is draining\)"):
        client.translate_text("준비 중")


def test_no_server() -> None:
    """UNAVAILABLE without a server becomes Unavailable that asks whether it is running."""
    with (
        Client("localhost:1", timeout=5) as client,
        pytest.raises(Unavailable, match=r"no server answers at localhost:1: is `jumok serve`"),
    ):
        client.get_model()


def test_failure_after_tokens(client: Client) -> None:
    """Events before an error are delivered, then the error is raised."""
    events = client.translate("고장")

    assert isinstance(next(events), Source)
    assert isinstance(next(events), Tokens)
    with pytest.raises(ServerError, match="INTERNAL: the engine stopped"):
        next(events)


def test_timeout(server: Any) -> None:
    """A call that is not complete after `timeout` seconds raises Timeout."""
    with Client(server.address, timeout=0.2) as client, pytest.raises(Timeout, match="in time"):
        client.translate_text("느림")


def test_stream_without_result(client: Client) -> None:
    """A stream that ends without a result is an error, not a short translation."""
    with pytest.raises(ServerError, match="ended the translation too early"):
        client.translate_text("잘림")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"text": "나\udcff"}, "text"),
        ({"model": "\ud800"}, "model"),
        ({"attention": "all"}, "attention"),
        ({"decoding": DecodingOptions(max_tokens=-1)}, "decoding.max_tokens"),
        ({"decoding": DecodingOptions(max_tokens=2**32)}, "decoding.max_tokens"),
        ({"decoding": DecodingOptions(min_tokens=-1)}, "decoding.min_tokens"),
        ({"decoding": DecodingOptions(alternatives=-1)}, "decoding.alternatives"),
        ({"decoding": DecodingOptions(target_prefix="\udc80")}, "decoding.target_prefix"),
        ({"decoding": DecodingOptions(beam_search=BeamSearch(), sampling=Sampling())}, "decoding"),
        (
            {"decoding": DecodingOptions(beam_search=BeamSearch(width=-1))},
            "decoding.beam_search.width",
        ),
        ({"decoding": DecodingOptions(sampling=Sampling(top_k=2**32))}, "decoding.sampling.top_k"),
        ({"decoding": DecodingOptions(sampling=Sampling(seed=2**64))}, "decoding.sampling.seed"),
    ],
)
def test_what_cannot_be_sent(
    client: Client, server: Any, arguments: dict[str, Any], field: str
) -> None:
    """A request that cannot be encoded is refused, and nothing is sent."""
    with pytest.raises(InvalidRequest) as refused:
        client.translate(**{"text": TEXT, **arguments})

    assert refused.value.field == field
    assert not server.servicer.requests


def test_model_is_described(client: Client) -> None:
    """`get_model` returns the model's name, languages and limits."""
    model = client.get_model()

    assert (model.name, model.source_language, model.max_source_tokens) == ("ko-en", "ko", 128)
    assert (model.alignment_rule, model.precision) == ("posterior", "int8")


def test_health(client: Client) -> None:
    """A health check tells serving, not serving and unknown services apart."""
    assert client.health() is ServingStatus.SERVING
    assert client.health("jumok.v1.TranslationService") is ServingStatus.NOT_SERVING
    assert client.health("other") is ServingStatus.SERVICE_UNKNOWN


def test_client_is_reusable(client: Client) -> None:
    """One client makes many calls, also after one that failed."""
    with pytest.raises(InvalidRequest):
        client.translate_text("너무 김")

    assert [client.translate_text(TEXT).text for _ in range(3)] == ["I am a student"] * 3


def test_credentials_mean_tls(server: Any) -> None:
    """With credentials the client uses TLS, which a plain-text server does not accept."""
    credentials = grpc.ssl_channel_credentials()
    with (
        Client(server.address, timeout=5, credentials=credentials) as client,
        pytest.raises(Unavailable),
    ):
        client.health()


def test_text_options(client: Client, server: Any) -> None:
    """The format of the text, a glossary and protected ranges are fields of the request."""
    glossary = {"학생": "pupil"}
    client.translate_text(TEXT, text_format="html", glossary=glossary, protected=[(0, 2)])
    client.translate_batch([TEXT], text_format="markdown", glossary=glossary)
    request, batch = server.servicer.requests[-1], server.servicer.batches[-1]
    assert request.text_format == pb.TEXT_FORMAT_HTML
    assert list(request.protected_spans) == [pb.Span(start=0, end=2)]
    assert batch.text_format == pb.TEXT_FORMAT_MARKDOWN
    for sent in (request, batch):
        assert list(sent.glossary) == [pb.GlossaryEntry(source="학생", target="pupil")]
    client.translate_text(TEXT, glossary=glossary, glossary_name="school")
    client.translate_batch([TEXT], glossary_name="school")
    assert server.servicer.requests[-1].glossary_name == "school"
    assert server.servicer.batches[-1].glossary_name == "school"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"text_format": "pdf"}, "text_format"),
        ({"segmentation": "words"}, "segmentation"),
        ({"glossary": {"\ud800": "x"}}, "glossary"),
        ({"protected": [(3, 3)]}, "protected"),
    ],
)
def test_wrong_text_options(client: Client, options: dict[str, Any], field: str) -> None:
    """Options that cannot be sent are refused at once."""
    with pytest.raises(InvalidRequest) as refused:
        client.translate(TEXT, **options)
    assert refused.value.field == field
