"""How often each lane steps."""

from collections import Counter

from jumok.service.lane_turns import LaneTurns


def steps(turns: LaneTurns[str], claims: dict[str, float], rounds: int) -> Counter[str]:
    return Counter(lane for _ in range(rounds) for lane in turns.due(claims))


def test_lanes_with_equal_claims_step_together() -> None:
    """Lanes whose callers hold equally many rows step in every round."""
    assert steps(LaneTurns(), {"narrow": 0.1, "wide": 0.1}, 30) == {"narrow": 30, "wide": 30}


def test_a_lane_of_heavy_callers_steps_less_often() -> None:
    """A quarter of the claim gives a quarter of the steps."""
    assert steps(LaneTurns(), {"light": 1.0, "heavy": 0.25}, 400) == {"light": 400, "heavy": 100}


def test_no_lane_stands_still() -> None:
    """The smallest claim still gives one step in sixteen rounds."""
    assert steps(LaneTurns(), {"light": 1.0, "heavy": 0.001}, 800) == {"light": 800, "heavy": 50}


def test_a_new_lane_steps_at_once() -> None:
    """The first step of a lane does not wait, so that its first tokens do not."""
    turns = LaneTurns[str]()
    steps(turns, {"light": 1.0}, 5)
    assert turns.due({"light": 1.0, "heavy": 0.01}) == ["light", "heavy"]
    assert turns.due({"light": 1.0, "heavy": 0.01}) == ["light"]


def test_a_lane_alone_steps_in_every_round() -> None:
    """A lane whose claim is small steps in every round while no other lane runs."""
    turns = LaneTurns[str]()
    turns.due({"light": 1.0, "heavy": 0.1})
    assert steps(turns, {"heavy": 0.1}, 10) == {"heavy": 10}
