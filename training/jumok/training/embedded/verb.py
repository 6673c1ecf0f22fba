"""The verbs: Korean stems, English verbs, their objects and adjuncts."""

from dataclasses import dataclass, replace

from jumok.training.embedded import noun as n
from jumok.training.embedded.conjugation import Stem
from jumok.training.embedded.english import EnglishVerb
from jumok.training.embedded.noun import Noun, nouns


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb with its frame.

    `objects` are the nouns it takes; `people` means that it takes persons. `adjuncts` are the kinds
    of its adjuncts, in Korean order. A stative verb has no time, progressive or imperative. A
    generic verb refers to its object as a kind: "I like apples". A momentary verb has no
    progressive, an involuntary verb also no wish or imperative. A single verb has one object at a
    time.
    """

    stem: Stem
    english: EnglishVerb
    objects: tuple[Noun, ...] = ()
    adjuncts: tuple[str, ...] = ()
    tools: tuple[Noun, ...] = ()
    manners: tuple[str, ...] = ()
    people: bool = False
    stative: bool = False
    generic: bool = False
    momentary: bool = False
    involuntary: bool = False
    single: bool = False

    @property
    def short(self) -> bool:
        """Whether it can be preceded by 안, which verbs in 하다 insert before 하다 instead."""
        return not self.stem.text.endswith("하")


def _verb(
    stem: Stem,
    english: str,
    objects: tuple[Noun, ...] = (),
    adjuncts: str = "",
    manners: str = "",
    tools: str = "",
    flags: str = "",
) -> Verb:
    """Create a verb; `english` is `base:past:particle`, the past only if it is irregular."""
    base, past, particle = (*english.split(":"), "", "")[:3]
    return Verb(
        stem,
        EnglishVerb(base, past, particle),
        objects,
        tuple(adjuncts.split()),
        nouns(tools),
        tuple(manners.split()),
        "people" in flags,
        "stative" in flags,
        "generic" in flags,
        "momentary" in flags,
        "involuntary" in flags,
        "single" in flags,
    )


_FOOD = n.FRUIT + n.DISHES
_GOODS = n.BELONGINGS + n.TOOLS + n.CLOTHES
_LOST = nouns("가방 우산 시계 지갑 모자 펜 카메라 휴대폰 열쇠")
_SENT = n.LETTERS + nouns("선물 사진 책 꽃")

GO = _verb(Stem("가"), "go:went", (), "companion vehicle goal")
COME = _verb(Stem("오"), "come:came", (), "companion vehicle goal")
ARRIVE = _verb(Stem("도착하"), "arrive", (), "arrival", flags="momentary involuntary")
LIVE = _verb(Stem("살"), "live", (), "companion home", flags="stative")

MOTIONS = (GO, GO, COME, ARRIVE)
INTRANSITIVES = (
    _verb(Stem("일하"), "work", (), "companion place", "열심히 조용히"),
    _verb(Stem("자"), "sleep:slept", (), "inside", "잘 조용히"),
    _verb(Stem("쉬"), "rest", (), "companion place", "조용히"),
    _verb(Stem("놀"), "play", (), "companion outside", "조용히"),
    _verb(Stem("걷", "ㄷ"), "walk", (), "companion outside", "빨리 천천히 조용히"),
    _verb(Stem("달리"), "run:ran", (), "companion outside", "빨리 천천히"),
    _verb(Stem("웃"), "laugh", (), "place", "조용히"),
    _verb(Stem("울"), "cry", (), "place", "조용히", flags="involuntary"),
    _verb(Stem("춤추"), "dance", (), "companion place", "잘"),
    _verb(Stem("일어나"), "get:got:up", (), "", "일찍 늦게 빨리 천천히"),
    _verb(Stem("운동하"), "exercise", (), "companion outside", "열심히"),
    _verb(Stem("여행하"), "travel", (), "companion vehicle"),
)
EAT = _verb(Stem("먹"), "eat:ate", _FOOD, "companion eatery", "빨리 천천히 조용히", "숟가락 포크")
DRINK = _verb(Stem("마시"), "drink:drank", n.DRINKS, "companion eatery", "빨리 천천히")
READ = _verb(Stem("읽"), "read:read", n.TEXTS + n.LETTERS, "companion inside", "빨리 천천히 조용히")
BUY = _verb(Stem("사"), "buy:bought", _GOODS + _FOOD + n.DRINKS + n.RIDES + n.PLANTS, "shop")
GIVE = _verb(Stem("주"), "give:gave", _GOODS + n.PLANTS + n.FRUIT, "receiver")
LIKE = _verb(
    Stem("좋아하"),
    "like",
    _FOOD + n.DRINKS + n.ANIMALS + n.SHOWS + n.SONGS + n.SUBJECTS + n.PLANTS + n.TEXTS,
    flags="people stative generic",
)
TRANSITIVES = (
    EAT,
    EAT,
    DRINK,
    READ,
    READ,
    BUY,
    LIKE,
    _verb(
        Stem("쓰"),
        "write:wrote",
        n.LETTERS + nouns("소설 책 이야기"),
        "inside",
        "빨리 열심히",
        "펜 연필 컴퓨터",
    ),
    _verb(
        Stem("보"),
        "see:saw",
        n.SHOWS + n.PICTURES + n.ANIMALS + n.PLANTS,
        "companion town",
        flags="people momentary",
    ),
    _verb(Stem("듣", "ㄷ"), "listen::to", n.SONGS + nouns("이야기"), "companion inside", "조용히"),
    _verb(Stem("팔"), "sell:sold", _GOODS + n.FRUIT + n.RIDES + n.PLANTS, "shop"),
    _verb(
        Stem("만들"),
        "make:made",
        n.FURNITURE + n.DISHES + nouns("인형 상자 가방 모자 치마"),
        "companion inside",
        "빨리 천천히 잘",
    ),
    _verb(Stem("만나"), "meet:met", (), "place", flags="people momentary"),
    _verb(Stem("돕", "ㅂ"), "help", (), "place", flags="people"),
    _verb(Stem("사랑하"), "love", n.SONGS + n.ANIMALS, flags="people stative generic"),
    _verb(
        Stem("싫어하"),
        "hate",
        _FOOD + n.DRINKS + n.ANIMALS + n.SUBJECTS,
        flags="people stative generic",
    ),
    _verb(Stem("가르치"), "teach:taught", n.SUBJECTS, "school", "열심히 잘"),
    _verb(Stem("배우"), "learn", n.SUBJECTS, "companion school", "빨리 열심히"),
    _verb(Stem("공부하"), "study", n.SUBJECTS, "companion inside", "열심히 조용히"),
    _verb(
        Stem("이해하"), "understand:understood", n.SUBJECTS + n.TEXTS, "", flags="people stative"
    ),
    _verb(Stem("찾"), "find:found", _LOST, "place", "빨리", flags="momentary"),
    _verb(Stem("잃어버리"), "lose:lost", _LOST, "place", flags="involuntary"),
    _verb(Stem("열"), "open", n.OPENINGS + nouns("상자 가방 선물"), "", "빨리 천천히 조용히"),
    _verb(Stem("닫"), "close", n.OPENINGS + nouns("상자 가방"), "", "빨리 천천히 조용히"),
    _verb(Stem("씻"), "wash", n.FRUIT + nouns("컵 칼 숟가락 포크"), "kitchen", "빨리 천천히 잘"),
    _verb(Stem("청소하"), "clean", n.ROOMS + nouns("책상 침대 자동차"), "companion", "열심히 빨리"),
    _verb(Stem("요리하"), "cook", nouns("고기 밥 감자 당근 달걀"), "companion kitchen", "잘 빨리"),
    _verb(
        Stem("그리"),
        "draw:drew",
        n.PLANTS + n.ANIMALS,
        "companion place",
        "잘 빨리 천천히",
        "펜 연필",
    ),
    _verb(Stem("부르", "르"), "sing:sang", nouns("노래"), "companion place", "잘 조용히"),
    _verb(
        Stem("타"),
        "ride:rode",
        nouns("자전거 말"),
        "companion outside",
        "잘 빨리 천천히",
        flags="single",
    ),
    _verb(
        Stem("운전하"),
        "drive:drove",
        nouns("자동차 버스 택시"),
        "",
        "잘 빨리 천천히",
        flags="single",
    ),
    _verb(
        Stem("고치"),
        "fix",
        n.RIDES + n.FURNITURE + nouns("시계 카메라 휴대폰 컴퓨터 우산"),
        "",
        "빨리 잘",
    ),
    _verb(Stem("사용하"), "use", n.TOOLS + nouns("우산 컵 책상"), "inside"),
    _verb(Stem("보내"), "send:sent", _SENT, "recipient"),
    GIVE,
    _verb(Stem("빌리"), "borrow", n.TEXTS[:3] + n.TOOLS + n.RIDES + nouns("우산 가방"), ""),
    _verb(Stem("받"), "receive", _SENT, "place", flags="involuntary"),
    _verb(Stem("입"), "wear:wore", n.CLOTHES, flags="single"),
    _verb(
        Stem("자르", "르"),
        "cut:cut",
        nouns("사과 수박 빵 케이크 고기 치즈"),
        "kitchen",
        "빨리 천천히 잘",
        "칼",
    ),
    _verb(Stem("고르", "르"), "choose:chose", _GOODS + n.TEXTS, "shop", "빨리 천천히"),
    _verb(Stem("기르", "르"), "raise", n.ANIMALS, "town"),
    _verb(Stem("찍"), "take:took", nouns("사진"), "companion place", "빨리 잘", "카메라 휴대폰"),
    _verb(Stem("연주하"), "play", n.INSTRUMENTS, "companion inside", "잘 조용히"),
    _verb(Stem("기다리"), "wait::for", nouns("버스 기차 택시"), "place", "조용히", flags="people"),
    _verb(Stem("방문하"), "visit", n.BUILDINGS, "companion", flags="people"),
    _verb(Stem("초대하"), "invite", (), "", flags="people"),
)


def verbs(stems: str) -> tuple[Verb, ...]:
    """Return the verbs with these stems."""
    known = {verb.stem.text: verb for verb in INTRANSITIVES + TRANSITIVES}
    return tuple(known[stem] for stem in stems.split())


BEASTLY = tuple(
    replace(verb, adjuncts=("outside",), manners=(), involuntary=True)
    for verb in verbs("자 쉬 놀 걷 달리")
)
FEED = nouns("사과 바나나 당근 딸기")
