"""Texts of the reports about training, in English and Korean."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Training pairs", "학습 쌍"),
    "run_title": ("Training run", "학습 실행"),
    "sweep_title": ("Sweep", "하이퍼파라미터 탐색"),
    "count": ("count", "수"),
    "pairs": ("pairs", "쌍"),
    "held_out": ("held out", "검증용"),
    "queries": ("distinct questions", "서로 다른 질문"),
    "groups": ("documents", "문서"),
    "source": ("from", "출처"),
    "with_negatives": ("with {n} negatives", "오답 {n}개"),
    "problems": ("What should be mended", "고칠 것"),
    "problems_note": (
        "Each of these should be 0: a repeated pair weighs twice, an answer among the negatives teaches the"
        " opposite, and what is on both sides measures memory.",
        "모두 0이어야 합니다. 되풀이된 쌍은 두 번 세어지고, 오답에 섞인 정답은 거꾸로 가르치며,"
        " 양쪽에 있는 것은 외운 것을 재게 됩니다.",
    ),
    "repeated": ("repeated pairs", "되풀이된 쌍"),
    "false_negatives": ("answers among negatives", "오답에 섞인 정답"),
    "shared_groups": ("documents on both sides", "양쪽에 있는 문서"),
    "leaks": ("questions on both sides, or nearly", "양쪽에 있는(또는 거의 같은) 질문"),
    "lengths": ("Lengths", "길이"),
    "characters": ("characters", "글자 수"),
    "query": ("question", "질문"),
    "positive": ("answer", "정답"),
    "negative": ("negative", "오답"),
    "frequent": ("Most frequent answers", "가장 잦은 정답"),
    "frequent_note": (
        "A passage that answers very many questions is soon preferred for all of them.",
        "아주 많은 질문의 정답인 조문은 곧 모든 질문에서 앞에 오게 됩니다.",
    ),
    "share": ("share in common", "겹치는 비율"),
    "loss": ("Loss", "손실"),
    "loss_note": (
        "Of the steps, and of the held-out pairs. At chance it is ln(passages per batch).",
        "학습 단계와 검증용 쌍의 손실입니다. 무작위라면 ln(배치의 조문 수)입니다.",
    ),
    "step": ("step", "단계"),
    "learned": ("learned from", "학습"),
    "settings": ("Settings", "설정"),
    "setting": ("setting", "설정 이름"),
    "value": ("value", "값"),
    "steps": ("steps", "단계 수"),
    "minutes": ("minutes", "분"),
    "memory": ("memory, GB", "메모리, GB"),
    "trial": ("trial", "시도"),
    "state": ("state", "상태"),
    "best": ("Best", "가장 좋은 것"),
    "trials": ("Trials", "시도들"),
}
