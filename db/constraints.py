"""Violated constraints of the schema in words; PostgreSQL only reports their names."""

from __future__ import annotations

from typing import NamedTuple

import psycopg


class Rule(NamedTuple):
    """The subject of a constraint, and the values that it accepts."""

    subject: str
    wanted: str


_NAME = "a lower-case letter, then up to 62 lower-case letters, digits, - and _"
_CODE = "a letter or digit, then up to 62 letters, digits, - and _"
_KEY = "1 to 500 characters"

RULES = {
    "a_picture_or_the_reason_why_not": Rule("an item's picture", "a picture, or why there is none"),
    "api_key_collections_check": Rule("the key's collections", "at least one, or none named: all"),
    "api_key_name_check": Rule("the key's name", "1 to 100 characters"),
    "api_key_scope_check": Rule("the key's scope", "reader, writer or admin"),
    "caption_prompt_max_tokens_check": Rule("the longest answer", "1 to 4096 tokens"),
    "caption_prompt_name_check": Rule("the prompt's name", _NAME),
    "caption_prompt_text_check": Rule("the prompt's text", "not empty"),
    "collection_analyzer_check": Rule(
        "the analyzer", "simple, english, korean or korean_syllables"
    ),
    "collection_field_weights_check": Rule("the field weights", "an object of numbers"),
    "collection_name_check": Rule("the collection's name", _NAME),
    "collection_picture_readers_check": Rule(
        "the readers of pictures", "names for ocr and caption"
    ),
    "collection_vector_sources_check": Rule("the vector sources", "an object"),
    "contradiction_decided_by_check": Rule("the name of whoever decides", "up to 100 characters"),
    "contradiction_note_check": Rule("the note on a contradiction", "up to 1,000 characters"),
    "defect_type_name_check": Rule("the defect type's name", _CODE + "; other names may be any"),
    "defect_type_name_en_check": Rule("the defect type's English name", "not empty"),
    "defect_type_name_ko_check": Rule("the defect type's Korean name", "not empty"),
    "feedback_given_by_check": Rule("who says so", "up to 100 characters"),
    "feedback_note_check": Rule("the note", "up to 4000 characters"),
    "field_weights_are_0_or_between_0_001_and_1000": Rule(
        "a field's weight", "0, or a number from 0.001 to 1000"
    ),
    "fields_below_4_megabytes": Rule("the texts of an item", "below 4 MiB together"),
    "fields_is_an_object_of_texts": Rule("the fields of an item", "an object of texts"),
    "item_external_id_check": Rule("an item's external_id", _KEY),
    "judgment_external_id_check": Rule("a judged item's external_id", _KEY),
    "judgment_grade_check": Rule("a grade", "-9 to 30"),
    "judgment_source_check": Rule("the name of the judgments (source)", "1 to 100 characters"),
    "lexical_index_b_check": Rule("b of BM25", "0 to 1"),
    "lexical_index_k1_check": Rule("k1 of BM25", "0 or more"),
    "media_position_check": Rule("a picture's position", "0 or more"),
    "media_role_check": Rule("a picture's role", _NAME),
    "metadata_is_an_object": Rule("the metadata of an item", "an object"),
    "pin_query_check": Rule("the query of a pin", "up to 1000 characters"),
    "product_name_check": Rule("the product's name", _CODE + "; other names may be any"),
    "product_name_en_check": Rule("the product's English name", "not empty"),
    "product_name_ko_check": Rule("the product's Korean name", "not empty"),
    "profile_k_rrf_check": Rule("k_rrf", "0 or more"),
    "query_click_visit_check": Rule("the name of a visit", "8 to 64 letters, digits and -"),
    "query_external_id_check": Rule("a query's id", _KEY),
    "query_item_check": Rule("the item of a query", _KEY),
    "query_set_name_check": Rule("the query set's name", _NAME),
    "query_text_check": Rule("a query's text", "not empty"),
    "reranker_blend_check": Rule("the reranker's share", "above 0, up to 1"),
    "reranker_top_n_check": Rule("how many hits a reranker reads", "2 to 1000"),
    "run_k_check": Rule("k of a run", "1 to 10000"),
    "shard_name_check": Rule(
        "the shard's name", "a lower-case letter, then up to 40 lower-case letters, digits, - and _"
    ),
    "something_is_asked": Rule("a query", "a text, an item or a picture"),
    "space_dim_check": Rule("the dimensions of a vector space", "2 to 4000"),
    "space_name_check": Rule("the vector space's name", _NAME),
    "specimen_piece_check": Rule("the piece", "not empty"),
    "specimen_view_check": Rule(
        "the view", "a lower-case letter or digit, then up to 62 of them, - and _"
    ),
    "vote_external_id_check": Rule("a judged item's external_id", _KEY),
    "vote_judge_check": Rule("the name of the judge", "1 to 100 characters"),
    "vote_source_check": Rule("the name of the judgments (source)", "1 to 100 characters"),
    "webhook_filter_check": Rule("the webhook's filter", "a JSON object"),
    "webhook_kinds_check": Rule(
        "the webhook's kinds of events", "at least one, or none named: all"
    ),
    "webhook_name_check": Rule("the webhook's name", _CODE),
    "webhook_url_check": Rule(
        "the webhook's address", "http:// or https://, without a user name, up to 2,000 characters"
    ),
    "task_time_task_check": Rule(
        "the task's name", "a lower-case letter, then up to 62 of a to z and _"
    ),
    "throttle_check": Rule("the hours of work", "both their begin and their end"),
    "throttle_max_rate_check": Rule("the rate", "above 0"),
}


def describe_violation(exc: psycopg.Error) -> str | None:
    """Describe in a sentence why a constraint refused a value; None for other errors.

    The sentence holds all of it, because nothing else is kept where many records are written.
    """
    constraint, table = exc.diag.constraint_name, exc.diag.table_name
    if constraint is None:
        return None
    if isinstance(exc, psycopg.errors.UniqueViolation):
        return f"{table} has it already: {exc.diag.message_detail}"
    if not isinstance(exc, psycopg.errors.CheckViolation):
        return None
    rule = RULES.get(constraint)
    if rule is None:
        return f"{table} refuses a value by its rule {constraint}"
    return f"{rule.subject} cannot be that; wanted: {rule.wanted}"
