"""The sentences of an explanation, in English and in Korean.

In these, `{written}` is the translation so far, `{token}` the explained token, `{probability}` its
probability, and `{count}` a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an explanation in one language.

    Attributes:
        title: heading of the whole.
        tokens: label of the list of tokens.
        query_and_keys: heading of the first stage.
        scores: heading of the second stage.
        attention: heading of the third stage.
        context: heading of the fourth stage.
        concatenation: heading of the fifth stage.
        generator: heading of the last stage.
        written: what the decoder has written so far.
        begins: that it has written nothing so far.
        query: what the query is, by wiring of the decoder.
        keys: what keys are.
        scored: what scores are.
        softmax: what the softmax makes of them.
        summed: what the context vector is.
        concatenated: what is made of it and of the decoder state.
        previous: what other wirings than Luong's add.
        lexical: what a lexical model adds.
        generated: what the generator does.
        missing: that a given token is not among the best.
        numbers: how many numbers a vector has.
        labels: labels of vectors and columns.
    """

    title: str
    tokens: str
    query_and_keys: str
    scores: str
    attention: str
    context: str
    concatenation: str
    generator: str
    written: str
    begins: str
    query: Mapping[str, str]
    keys: str
    scored: str
    softmax: str
    summed: str
    concatenated: str
    previous: str
    lexical: str
    generated: str
    missing: str
    numbers: str
    labels: Mapping[str, str]


ENGLISH: Final = Wording(
    title="How the model chose “{token}”",
    tokens="tokens of the translation",
    query_and_keys="Query and keys",
    scores="Scores",
    attention="Softmax: the attention distribution",
    context="Weighted sum: the context vector",
    concatenation="Concatenation: the attentional vector",
    generator="Generator: the best words",
    written="The decoder has written “{written}”.",
    begins="The decoder has written nothing yet.",
    query={
        "luong": "Its state, after it has read the last token, is the query s.",
        "bahdanau": "Its state, before it reads the last token, is the query s.",
        "conditional": "Its state between its two cells is the query s.",
    },
    keys="Each token of the source has a key k, made from the encoder state h of that token.",
    scored="The query is compared with each key. "
    "The higher the score, the more the token matters now.",
    softmax="The softmax turns the scores into weights that sum to 1: "
    "a score that is higher by 2.3 gives ten times the weight. "
    "The weights are the attention that is streamed with the token.",
    summed="The encoder states h are multiplied by their weights and added up.",
    concatenated="The context vector and the decoder state are put one after the other, projected, "
    "and squashed by tanh.",
    previous="The token read last is projected and added before tanh.",
    lexical="To the result, the lexical model (Nguyen & Chiang 2018) adds l, "
    "which it computes from the embeddings of the attended source tokens alone.",
    generated="The generator projects this vector to a number for each token that the model knows, "
    "and a second softmax turns these numbers into probabilities.",
    missing="The given translation has “{token}” here, with probability {probability}.",
    numbers="{count} numbers",
    labels={
        "query": "query s",
        "key": "key",
        "context": "context c",
        "state": "decoder state",
        "attentional": "attentional h̃",
        "lexical": "lexical l",
        "token": "token",
        "score": "score",
        "weight": "weight",
        "probability": "probability",
        "vector": "vector",
    },
)

KOREAN: Final = Wording(
    title="“{token}” 토큰을 고르는 과정",
    tokens="번역문의 토큰",
    query_and_keys="질의(query)와 키(key)",
    scores="유사도 점수(score)",
    attention="소프트맥스(softmax): 어텐션 분포",
    context="가중합: 문맥 벡터(context vector)",
    concatenation="이어 붙이기(concatenate): 어텐션 은닉 상태",
    generator="생성기(generator): 가장 그럴듯한 단어",
    written="디코더가 지금까지 쓴 번역은 “{written}”입니다.",
    begins="디코더는 아직 아무것도 쓰지 않았습니다.",
    query={
        "luong": "마지막 토큰을 읽은 뒤의 디코더 은닉 상태가 질의 s입니다.",
        "bahdanau": "마지막 토큰을 읽기 전의 디코더 은닉 상태가 질의 s입니다.",
        "conditional": "디코더의 두 셀 사이의 은닉 상태가 질의 s입니다.",
    },
    keys="원문의 각 토큰에는 그 토큰의 인코더 은닉 상태 h로 만든 키 k가 있습니다.",
    scored="질의를 키 하나하나와 비교합니다. 점수가 높을수록 지금 더 중요한 토큰입니다.",
    softmax="소프트맥스는 점수를 합이 1인 가중치로 바꿉니다. "
    "점수가 2.3 높으면 가중치는 열 배가 됩니다. "
    "토큰과 함께 전송되는 어텐션이 바로 이 가중치입니다.",
    summed="인코더 은닉 상태 h에 각각의 가중치를 곱해서 모두 더합니다.",
    concatenated="문맥 벡터와 디코더 은닉 상태를 이어 붙이고, "
    "가중치 행렬을 곱한 뒤 tanh를 씌웁니다.",
    previous="마지막에 읽은 토큰을 변환한 벡터도 tanh 전에 더합니다.",
    lexical="그 결과에 어휘 모델(Nguyen & Chiang 2018)이 l을 더합니다. "
    "어휘 모델은 주목한 원문 토큰의 임베딩만으로 l을 계산합니다.",
    generated="생성기는 이 벡터로 모델이 아는 모든 토큰에 값을 매기고, "
    "두 번째 소프트맥스가 그 값을 확률로 바꿉니다.",
    missing="주어진 번역문의 이 자리에 있는 토큰 “{token}”의 확률은 {probability}입니다.",
    numbers="모두 {count}개",
    labels={
        "query": "질의 s",
        "key": "키",
        "context": "문맥 벡터 c",
        "state": "디코더 은닉 상태",
        "attentional": "어텐션 은닉 상태 h̃",
        "lexical": "어휘 모델 l",
        "token": "토큰",
        "score": "점수",
        "weight": "가중치",
        "probability": "확률",
        "vector": "벡터",
    },
)
