"""Prompts of captioners as rows with versions.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from migrations.script import execute

revision = "0010"
down_revision = "0009"

SCRIPT = """
-- Their arguments or results are others now.
DROP FUNCTION IF EXISTS ops.alter_collection(text, text, jsonb), ops.remove_generation(int);

CREATE TABLE core.caption_prompt (
    name       text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    version    int NOT NULL CHECK (version >= 1),
    text       text NOT NULL CHECK (btrim(text) <> ''),
    max_tokens int NOT NULL CHECK (max_tokens BETWEEN 1 AND 4096),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE core.caption_prompt IS
    'What captioners are told; the highest version of a name is in use. {metadata} stands for the text of an item that shows the picture. Versions stay: core.caption.prompt names them.';
COMMENT ON COLUMN core.collection.picture_readers IS
    'Who reads the pictures of new items: {"ocr": engine, "caption": prompt}; a key left out: nobody.';

INSERT INTO core.caption_prompt (name, version, text, max_tokens) VALUES
    ('parts-en', 1, 'These pictures show one industrial part. Describe it for a search index, in English: what it is, what is written on its labels, its ports and connectors, its visible condition. Key words and short phrases separated by commas, at most 30 words. Copy letters and numbers exactly. Leave out what you cannot see, the background, and what is known already. Known already: {metadata}.', 96),
    ('parts-ko', 1, '사진은 산업용 부품 하나를 보여 준다. 검색 색인에 넣을 설명을 한국어로 써라: 무엇인지, 라벨에 적힌 글자, 포트와 커넥터, 눈에 보이는 상태. 핵심어와 짧은 구를 쉼표로 나누어 30단어 이하로. 영문자와 숫자는 그대로 옮긴다. 보이지 않는 것, 배경, 이미 알려진 것은 쓰지 않는다. 이미 알려진 것: {metadata}.', 128);

-- Before, any word asked for captions, by the one prompt there was.
UPDATE core.collection SET picture_readers = picture_readers || '{"caption": "parts-en"}' WHERE picture_readers ? 'caption';
UPDATE core.reading SET wanted = 'parts-en' WHERE kind = 'caption';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
