"""The nouns by semantic class, with their counters and adjectives."""

from dataclasses import dataclass

from jumok.training.embedded.adjective import Adjective, adjectives
from jumok.training.embedded.english import sibilant


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A Korean noun and its English translation.

    `qualities` are those of its adjectives that can be predicates. Mass nouns have no plural;
    drinks are counted by the English `vessel`, in Korean by 잔. `unique` nouns take "the" instead
    of "a"; `abstract` nouns take no article or modifier.
    """

    korean: str
    english: str
    plural: str
    counter: str
    adjectives: tuple[Adjective, ...]
    qualities: tuple[Adjective, ...]
    mass: bool = False
    unique: bool = False
    vessel: str = ""
    abstract: bool = False

    @property
    def countable(self) -> bool:
        """Whether it can be counted."""
        return bool(self.vessel) or not (self.mass or self.unique)


def _read(stems: str, text: str) -> tuple[Noun, ...]:
    """Parse nouns that share their adjectives.

    Entries are `korean=english`, optionally followed by `:plural` if it is irregular, `/counter` if
    it is not 개 (or the vessel of a drink), and `~` for mass, `!` for unique or `^` for abstract
    nouns.
    """
    shared = adjectives(stems)
    nouns = []
    for entry in text.split():
        mass, unique = entry.endswith(("~", "^")), entry.endswith("!")
        korean, rest = entry.rstrip("~!^").split("=")
        rest, _, counter = rest.partition("/")
        english, _, plural = rest.partition(":")
        nouns.append(
            Noun(
                korean,
                english,
                plural or sibilant(english),
                "잔" if mass else counter or "개",
                shared,
                tuple(adjective for adjective in shared if adjective.predicative),
                mass,
                unique,
                vessel=counter if mass else "",
                abstract=entry.endswith("^"),
            )
        )
    return tuple(nouns)


PERSONS = _read(
    "친절하 똑똑하 유명하 바쁘 피곤하 아프 슬프 행복하 배고프 젊 조용하",
    """학생=student/명 선생님=teacher/명 의사=doctor/명 간호사=nurse/명 요리사=cook/명
    가수=singer/명 화가=painter/명 작가=writer/명 배우=actor/명 농부=farmer/명
    기자=reporter/명 변호사=lawyer/명 군인=soldier/명""",
)
FRIENDS = _read(
    "친절하 똑똑하 바쁘 피곤하 아프 슬프 행복하 배고프 젊",
    """친구=friend/명 이웃=neighbor/명 남자=man:men/명 여자=woman:women/명 소년=boy/명
    소녀=girl/명 아이=child:children/명 손님=guest/명""",
)
RELATIVES = _read(
    "친절하 바쁘 피곤하 아프 행복하 똑똑하 배고프",
    """어머니=mother/명 아버지=father/명 할머니=grandmother/명 할아버지=grandfather/명
    남동생=brother/명 여동생=sister/명 아들=son/명 딸=daughter/명 삼촌=uncle/명
    이모=aunt/명 사촌=cousin/명""",
)
ANIMALS = _read(
    "크 작 귀엽 예쁘 빠르 느리 배고프 똑똑하 하얗 조용하",
    """고양이=cat/마리 강아지=puppy/마리 새=bird/마리 말=horse/마리 소=cow/마리 돼지=pig/마리
    닭=chicken/마리 토끼=rabbit/마리 원숭이=monkey/마리 양=sheep:sheep/마리 쥐=mouse:mice/마리
    여우=fox/마리 코끼리=elephant/마리 오리=duck/마리""",
)
TEXTS = _read(
    "재미있 좋 길 짧 어렵 쉽 유명하 슬프",
    "책=book/권 소설=novel/권 잡지=magazine/권 신문=newspaper/부 이야기=story",
)
LETTERS = _read("길 짧 재미있 슬프 아름답", "편지=letter/통 이메일=email/통")
SHOWS = _read("재미있 좋 길 짧 슬프 유명하", "영화=movie/편 연극=play/편")
SONGS = _read("아름답 좋 슬프 조용하 느리 빠르", "노래=song/곡 음악=music~")
FRUIT = _read(
    "크 작 맛있 비싸 싸 좋",
    """사과=apple 바나나=banana 딸기=strawberry 오렌지=orange 수박=watermelon 토마토=tomato
    감자=potato 당근=carrot 달걀=egg""",
)
DISHES = _read(
    "맛있 비싸 싸 따뜻하",
    """빵=bread~ 밥=rice~ 고기=meat~ 수프=soup~ 치즈=cheese~ 김치=kimchi~ 케이크=cake
    샌드위치=sandwich 과자=cookie 샐러드=salad""",
)
DRINKS = _read(
    "차갑 뜨겁 따뜻하 맛있 비싸 싸",
    """물=water/glass~ 커피=coffee/cup~ 차=tea/cup~ 우유=milk/glass~ 주스=juice/glass~
    맥주=beer/glass~""",
)
CLOTHES = _read(
    "예쁘 크 작 비싸 싸 새롭 낡 빨갛 파랗 하얗 더럽 깨끗하 길 짧",
    "셔츠=shirt/벌 치마=skirt/벌 코트=coat/벌 드레스=dress/벌",
)
BELONGINGS = _read(
    "크 작 예쁘 비싸 싸 새롭 낡 빨갛 파랗 무겁 가볍",
    """가방=bag 우산=umbrella 시계=watch 지갑=wallet 모자=hat 인형=doll 컵=cup
    상자=box 선물=gift""",
)
TOOLS = _read(
    "크 작 비싸 싸 새롭 낡 좋 무겁 가볍",
    """펜=pen 연필=pencil 칼=knife:knives 숟가락=spoon 포크=fork 카메라=camera/대 휴대폰=phone/대
    열쇠=key 컴퓨터=computer/대""",
)
FURNITURE = _read("크 작 비싸 싸 새롭 낡 무겁 깨끗하", "의자=chair 책상=desk 침대=bed")
OPENINGS = _read("크 작 낡 하얗 파랗", "문=door! 창문=window!")
VEHICLES = _read(
    "빠르 느리 크 새롭 낡 비싸 하얗",
    "버스=bus/대 기차=train/대 택시=taxi/대 비행기=plane/대 지하철=subway/대!",
)
RIDES = _read("크 작 빠르 새롭 낡 비싸 빨갛 파랗", "자전거=bicycle/대 자동차=car/대")
PLANTS = _read("예쁘 작 크 아름답 빨갛 하얗", "꽃=flower/송이 나무=tree/그루")
PICTURES = _read("아름답 예쁘 크 작 좋", "사진=picture/장 그림=painting/장")
INSTRUMENTS = _read("좋 비싸 낡 새롭", "피아노=piano/대! 기타=guitar/대! 바이올린=violin/대!")
SUBJECTS = _read(
    "어렵 쉽 재미있",
    """한국어=Korean^ 영어=English^ 일본어=Japanese^ 프랑스어=French^ 수학=math^ 역사=history^
    과학=science^""",
)
BUILDINGS = _read(
    "크 작 조용하 깨끗하 유명하 낡 아름답",
    """도서관=library! 병원=hospital! 식당=restaurant! 호텔=hotel! 박물관=museum! 공원=park!
    학교=school! 시장=market!""",
)
ROOMS = _read(
    "크 작 조용하 깨끗하 넓 춥 따뜻하 더럽", "방=room! 교실=classroom! 부엌=kitchen! 집=house!"
)

_ALL = {
    noun.korean: noun
    for kind in (
        FRUIT,
        DISHES,
        DRINKS,
        CLOTHES,
        BELONGINGS,
        TOOLS,
        FURNITURE,
        SUBJECTS,
        RIDES,
        VEHICLES,
        PLANTS,
        LETTERS,
        TEXTS,
        SONGS,
        PICTURES,
        ANIMALS,
        OPENINGS,
        ROOMS,
    )
    for noun in kind
}


def nouns(words: str) -> tuple[Noun, ...]:
    """Return the nouns with these Korean words."""
    return tuple(_ALL[word] for word in words.split())


HANDY = BELONGINGS + TOOLS + TEXTS + LETTERS + CLOTHES + PICTURES + FRUIT
OBJECTS = BELONGINGS + TOOLS + TEXTS + FRUIT + CLOTHES + PICTURES + DISHES + DRINKS
DESCRIBED = (
    OBJECTS
    + ANIMALS
    + BUILDINGS
    + ROOMS
    + VEHICLES
    + RIDES
    + SHOWS
    + SONGS
    + PLANTS
    + SUBJECTS
    + FURNITURE
    + LETTERS
)
