"""Times, places, manners and other phrases around the verb."""

from random import Random

from jumok.training.embedded.conjugation import Tense
from jumok.training.embedded.hangul import instrumental
from jumok.training.embedded.phrase import Fragment, Idiom

_PAST, _PRESENT, _FUTURE = Tense.PAST, Tense.PRESENT, Tense.FUTURE


def _idioms(text: str) -> tuple[Idiom, ...]:
    """Parse `korean = english` lines."""
    pairs = (line.split(" = ") for line in text.strip().splitlines())
    return tuple(Idiom(korean.strip(), english.strip()) for korean, english in pairs)


_ANY = _idioms("""
    월요일에 = on/0 Monday/0
    화요일에 = on/0 Tuesday/0
    수요일에 = on/0 Wednesday/0
    금요일에 = on/0 Friday/0
    토요일에 = on/0 Saturday/0
    일요일에 = on/0 Sunday/0
    아침에 = in/0 the?0 morning/0
    오후에 = in/0 the?0 afternoon/0
    저녁에 = in/0 the?0 evening/0
    밤에 = at/0 night/0
""")
_TIMES = {
    _PRESENT: _ANY
    + _idioms("""
        매일 = every/0 day/0
        매일 아침 = every/0 morning/1
        매일 밤 = every/0 night/1
        봄에 = in/0 spring/0
        여름에 = in/0 summer/0
        겨울에 = in/0 winter/0
    """),
    _PAST: _ANY
    + _idioms("""
        어제 = yesterday/0
        어제 = yesterday/0
        오늘 = today/0
        어제 아침에 = yesterday/0 morning/1
        어제 오후에 = yesterday/0 afternoon/1
        지난주에 = last/0 week/0
        작년에 = last/0 year/0
        어젯밤에 = last/0 night/0
    """),
    _FUTURE: _ANY
    + _idioms("""
        내일 = tomorrow/0
        내일 = tomorrow/0
        오늘 = today/0
        내일 아침에 = tomorrow/0 morning/1
        내일 오후에 = tomorrow/0 afternoon/1
        다음 주에 = next/0 week/1
        내년에 = next/0 year/0
        오늘 밤에 = tonight/01
    """),
}
SOON = _ANY[:9] + _idioms("""
    내일 = tomorrow/0
    오늘 = today/0
    지금 = now/0
    내일 아침에 = tomorrow/0 morning/1
    오늘 밤에 = tonight/01
""")
NOW = Idiom("지금", "now/0")

_HOURS = (
    "한=one 두=two 세=three 네=four 다섯=five 여섯=six 일곱=seven 여덟=eight 아홉=nine 열=ten"
    " 열한=eleven 열두=twelve"
)
_CLOCK = tuple(hour.split("=") for hour in _HOURS.split())
NUMERALS = tuple((korean, english) for korean, english in _CLOCK[:10])
_AT = [Idiom(f"{ko} 시에", f"at/1 {en}/0 o'clock/1") for ko, en in _CLOCK]
_MORNING = [
    Idiom(f"아침 {ko} 시에", f"at/2 {en}/1 o'clock/2 in?02 the?0 morning/0")
    for ko, en in _CLOCK[5:9]
]
_EVENING = [
    Idiom(f"저녁 {ko} 시에", f"at/2 {en}/1 o'clock/2 in?02 the?0 evening/0")
    for ko, en in _CLOCK[5:9]
]
_DAYS = {
    _PRESENT: ("매일", "every/0 day/0"),
    _PAST: ("어제", "yesterday/0"),
    _FUTURE: ("내일", "tomorrow/0"),
}
_DATED = {
    tense: [Idiom(f"{day[0]} {ko} 시에", f"at/2 {en}/1 o'clock/2 {day[1]}") for ko, en in _CLOCK]
    for tense, day in _DAYS.items()
}
_CLOCKED = {tense: _AT + _MORNING + _EVENING + _DATED[tense] for tense in _DAYS}


def time(rng: Random, tense: Tense) -> Fragment:
    """Return a time expression for the tense."""
    choices = _TIMES[tense] if rng.random() < 0.7 else _CLOCKED[tense]
    return rng.choice(choices).fragment()


def moment(rng: Random, tense: Tense) -> Fragment:
    """Return a time of day or a day, for questions and requests."""
    return rng.choice(_TIMES[tense]).fragment()


MANNERS = {
    idiom.korean: idiom
    for idiom in _idioms("""
        빨리 = quickly/0
        천천히 = slowly/0
        열심히 = hard/0
        조용히 = quietly/0
        잘 = well/0
        일찍 = early/0
        늦게 = late/0
    """)
}
FREQUENCIES = _idioms("""
    자주 = often/0
    항상 = always/0
    가끔 = sometimes/0
""")
DEGREES = _idioms("""
    아주 = very/0
    정말 = really/0
""")
ALONE = Idiom("혼자", "alone/0")
TOGETHER = Idiom("함께", "together/0")
VEHICLES = tuple(
    Idiom(instrumental(korean), f"by/0 {english}/0")
    for korean, english in (
        ("버스", "bus"),
        ("기차", "train"),
        ("택시", "taxi"),
        ("지하철", "subway"),
        ("자전거", "bicycle"),
        ("비행기", "plane"),
    )
)
