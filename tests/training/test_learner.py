"""A training step."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from jumok.bundle.manifest import SpecialIds
from jumok.training.configuration import TrainingConfiguration
from jumok.training.data.batches import TokenBatch, TokenPair, make_batch
from jumok.training.errors import DivergenceError
from jumok.training.learner import Learner
from jumok.training.loss import alignment_loss, token_loss
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.processes import Processes
from tests.training.conftest import FAMILY, POSITIONS, untrained

LINKS = frozenset({(0, 1), (1, 0)})
PAIRS = [
    TokenPair((5, 6, 7), (8, 9), LINKS),
    TokenPair((4, 9), (10, 11, 12, 13), LINKS),
    TokenPair((14, 15, 16, 17), (17, 18, 19), LINKS),
    TokenPair((5, 5), (6, 7), LINKS),
]
TOKENS = sum(len(pair.target) + 1 for pair in PAIRS)


def batch(*pairs: TokenPair) -> TokenBatch:
    """Make a batch."""
    special = SpecialIds()
    return make_batch(pairs, special.padding, special.begin, special.end)


def learner(model: Seq2Seq, **settings: Any) -> Learner:
    """Make a learner, in float32 by default."""
    training = TrainingConfiguration.model_validate(
        {"steps": 10, "warmup_steps": 0, "amp": False, **settings}
    )
    return Learner(model, training, SpecialIds(), Processes())


def dry(sizes: ModelConfiguration) -> Seq2Seq:
    """Make a model without dropout."""
    return untrained(sizes.model_copy(update={"dropout": 0.0}))


@pytest.mark.parametrize("guided_alignment", [0.0, 0.5])
def test_accumulation(sizes: ModelConfiguration, guided_alignment: float) -> None:
    """Two half batches give the same update as the whole batch."""
    whole, halves = dry(sizes), dry(sizes)
    settings = {"guided_alignment": guided_alignment, "label_smoothing": 0.1}
    loss = learner(whole, **settings).learn([batch(*PAIRS)], TOKENS, 0)
    same = learner(halves, **settings).learn([batch(*PAIRS[:2]), batch(*PAIRS[2:])], TOKENS, 0)
    assert same == pytest.approx(loss, rel=1e-6)
    for (name, weight), other in zip(whole.named_parameters(), halves.parameters(), strict=True):
        assert weight.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(weight.grad, other.grad, rtol=1e-4, atol=1e-6, msg=name)


def test_loss(sizes: ModelConfiguration) -> None:
    """The loss is the mean over target tokens, plus the weighted loss of guided alignment."""
    pairs = batch(*PAIRS)
    model = dry(sizes)
    with torch.no_grad():
        logits, attention = model(pairs.source_ids, pairs.source_lengths, pairs.previous_ids)
        wanted = pairs.target_ids != 0
        expected = token_loss(logits[wanted], pairs.target_ids[wanted], 0.1) / TOKENS
        assert pairs.alignment is not None
        guided = alignment_loss(attention, pairs.alignment) / TOKENS
    assert learner(dry(sizes)).learn([pairs], TOKENS, 0) == pytest.approx(float(expected), rel=1e-5)
    found = learner(dry(sizes), guided_alignment=2).learn([pairs], TOKENS, 0)
    assert found == pytest.approx(float(expected + 2 * guided), rel=1e-5)


class _Unheard(Processes):
    """One of several processes, without communication."""

    def wrap(self, model: nn.Module) -> nn.Module:
        return model

    def add(self, value: Tensor) -> Tensor:
        return value


@pytest.mark.parametrize("count", [1, 2])
def test_gradient(sizes: ModelConfiguration, count: int) -> None:
    """After averaging over processes, gradients are those of the mean loss."""
    pairs, model, reference = batch(*PAIRS), dry(sizes), dry(sizes)
    training = TrainingConfiguration(steps=10, amp=False, gradient_norm=1e9, label_smoothing=0)
    Learner(model, training, SpecialIds(), _Unheard(0, count)).learn([pairs], TOKENS, 0)
    logits, _ = reference(pairs.source_ids, pairs.source_lengths, pairs.previous_ids)
    logits, target_ids = logits.flatten(0, 1), pairs.target_ids.flatten()
    loss = functional.cross_entropy(logits, target_ids, ignore_index=0)
    loss.backward()  # type: ignore[no-untyped-call]
    for weight, other in zip(model.parameters(), reference.parameters(), strict=True):
        assert weight.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(weight.grad / count, other.grad, rtol=1e-4, atol=1e-6)


def test_learns(sizes: ModelConfiguration) -> None:
    """The loss falls, and attention follows the links if guided alignment is on."""
    pairs, rest = batch(*PAIRS), []
    for guided_alignment in (0, 1):
        model = dry(sizes)
        learning = learner(
            model, learning_rate=0.02, guided_alignment=guided_alignment, schedule="constant"
        )
        losses = [learning.learn([pairs], TOKENS, step) for step in range(60)]
        assert losses[-1] < losses[0] / 2
        with torch.no_grad():
            _, attention = model(pairs.source_ids, pairs.source_lengths, pairs.previous_ids)
        assert pairs.alignment is not None
        rest.append(float(alignment_loss(attention, pairs.alignment)))
    assert rest[1] < rest[0] / 3


def test_padding_has_no_loss(sizes: ModelConfiguration) -> None:
    """A pair has the same gradient alone and next to a longer pair without loss."""
    alone, beside = dry(sizes), dry(sizes)
    learner(alone).learn([batch(PAIRS[0])], 3, 0)
    padded = batch(PAIRS[0], TokenPair((4,) * 9, (5,) * 7))
    padded.target_ids[1] = 0
    learner(beside).learn([padded], 3, 0)
    for weight, other in zip(alone.parameters(), beside.parameters(), strict=True):
        torch.testing.assert_close(weight.grad, other.grad, rtol=1e-4, atol=1e-6)


def test_learning_rate(sizes: ModelConfiguration) -> None:
    """Each step uses the learning rate of the schedule."""
    learning = learner(dry(sizes), learning_rate=0.5, warmup_steps=5)
    learning.learn([batch(*PAIRS)], TOKENS, 2)
    assert [group["lr"] for group in learning.optimizer.param_groups] == [pytest.approx(0.3)]


def test_gradient_norm(sizes: ModelConfiguration) -> None:
    """Gradients are clipped to the norm."""
    model = dry(sizes)
    learner(model, gradient_norm=1e-3).learn([batch(*PAIRS)], TOKENS, 0)
    norms = [float(weight.grad.norm()) for weight in model.parameters() if weight.grad is not None]
    assert sum(norm**2 for norm in norms) ** 0.5 == pytest.approx(1e-3, rel=1e-3)


def test_dropout(sizes: ModelConfiguration) -> None:
    """Dropout depends only on seed, step and process."""

    def loss(step: int = 0, rank: int = 0, seed: int = 1) -> float:
        torch.rand(step + rank + seed)  # other random numbers may be drawn in between
        training = TrainingConfiguration(steps=10, amp=False, seed=seed)
        learning = Learner(untrained(sizes), training, SpecialIds(), Processes(rank))
        return learning.learn([batch(*PAIRS)], TOKENS, step)

    assert loss() == loss()
    assert len({loss(), loss(step=1), loss(rank=1), loss(seed=2)}) == 4


@pytest.mark.parametrize("member", FAMILY, ids=str)
def test_half_precision(sizes: ModelConfiguration, member: dict[str, Any]) -> None:
    """Autocast changes the loss by rounding to bfloat16 only; weights stay in float32."""
    sizes = sizes.model_copy(update=member)
    model, pairs = dry(sizes), batch(*PAIRS)
    exact = learner(dry(sizes), guided_alignment=1).learn([pairs], TOKENS, 0)
    learning = learner(model, amp=True, guided_alignment=1)
    learning._autocast = True  # even if the CPU has no bfloat16 instructions
    found = learning.learn([pairs], TOKENS, 0)
    assert found != exact
    assert found == pytest.approx(exact, rel=0.03)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert all(weight.grad is not None for weight in model.parameters())


def test_longest(sizes: ModelConfiguration) -> None:
    """Sources of the maximum length can be trained on with every score function."""
    pair = TokenPair((5,) * (POSITIONS - 1), (6,))
    model = untrained(sizes.model_copy(update={"score": "location"}))
    assert learner(model).learn([batch(pair)], 2, 0) > 0


@pytest.mark.parametrize("place", ["loss", "gradient"])
def test_divergence(sizes: ModelConfiguration, place: str) -> None:
    """A loss or gradient that is not finite is an error, and changes no weight."""
    model = dry(sizes)
    if place == "loss":
        with torch.no_grad():
            model.decoder.generator.bias[3] = torch.nan
    else:
        model.encoder.bridge.weight.register_hook(  # type: ignore[no-untyped-call]
            lambda gradient: gradient * torch.inf
        )
    before = [parameter.detach().clone() for parameter in model.parameters()]
    with pytest.raises(DivergenceError, match=r"of step 8 is not finite; lower training\.learning"):
        learner(model).learn([batch(*PAIRS)], TOKENS, 7)
    for parameter, expected in zip(model.parameters(), before, strict=True):
        torch.testing.assert_close(parameter.detach(), expected, rtol=0, atol=0, equal_nan=True)


def test_word_dropout(sizes: ModelConfiguration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Input tokens become the unknown token with the given probability; special ones never do."""
    model = dry(sizes)
    seen: list[Tensor] = []
    encode, read = model.encode, model.decoder.read

    def encoding(source_ids: Tensor, lengths: Tensor) -> Any:
        seen.append(source_ids)
        return encode(source_ids, lengths)

    def reading(previous_ids: Tensor) -> Any:
        seen.append(previous_ids)
        return read(previous_ids)

    monkeypatch.setattr(model, "encode", encoding)
    monkeypatch.setattr(model.decoder, "read", reading)
    training = TrainingConfiguration(steps=10, warmup_steps=0, amp=False)
    dropping = Learner(model, training, SpecialIds(), Processes(), word_dropout=0.3)
    special, given = SpecialIds(), batch(*PAIRS)
    kept = {special.padding, special.begin, special.end}
    dropped = total = 0
    for step in range(60):
        seen.clear()
        dropping.learn([given], TOKENS, step)
        for ids, original in zip(seen, (given.source_ids, given.previous_ids), strict=True):
            ordinary = ~torch.isin(original, torch.tensor(sorted(kept)))
            assert torch.equal(ids[~ordinary], original[~ordinary])
            changed = ids != original
            assert set(ids[changed].tolist()) <= {special.unknown}
            dropped, total = dropped + int(changed.sum()), total + int(ordinary.sum())
    assert dropped / total == pytest.approx(0.3, abs=0.05)
