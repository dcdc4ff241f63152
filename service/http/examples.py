"""Examples of requests in the documentation; tests send them."""

from litestar.openapi.spec import Example

CLASSIFY = [
    Example(summary="Words", value={"path": "category", "query": "진공 펌프 소음", "k": 5}),
    Example(
        summary="An item, by those that pass a filter",
        value={"path": "maker", "item": 1, "filter": {"in_stock": True}},
    ),
]
SEARCHES = [
    Example(summary="Words, part numbers and meaning", value={"query": "진공 펌프 소음"}),
    Example(
        summary="Only items whose metadata fit; counts per maker; passages that match",
        value={
            "query": "vacuum pump",
            "k": 20,
            "filter": {"in_stock": True},
            "facets": ["maker", "year"],
            "highlight": True,
        },
    ),
    Example(
        summary="Total, ranges and a histogram, of those in a range",
        value={
            "query": "vacuum pump",
            "filter": ["year:2015..", {"in_stock": True}],
            "total": True,
            "facets": [
                {"field": "year", "kind": "ranges"},
                {"field": "year", "kind": "histogram", "step": 5},
            ],
        },
    ),
    Example(summary="Sorted by keys, without words", value={"sort": ["-year", "maker"]}),
    Example(summary="The second page", value={"query": "펌프", "k": 10, "skip": 10}),
    Example(
        summary="The first page of a list that does not shift under writes",
        value={"query": "펌프", "cursor": "*"},
    ),
    Example(
        summary="Chosen legs, meaning counted twice, a jsonpath filter, and what each leg did",
        value={
            "query": "pump that got loud",
            "filter": "$.year >= 2019",
            "legs": [{"kind": "lexical"}, {"kind": "vector", "space": "text", "weight": 2}],
            "explain": True,
        },
    ),
]
FORM = Example(
    summary="A picture and words",
    value={"picture": "(the file)", "request": '{"query": "nameplate", "k": 5}'},
)
ITEMS = [
    Example(
        summary="One item",
        value={
            "items": [
                {
                    "external_id": "P-1001",
                    "fields": {"title": "진공 펌프", "body": "오일리스, 220 V"},
                    "metadata": {"maker": "SMC", "in_stock": True},
                }
            ]
        },
    ),
    Example(
        summary="With a picture (one red pixel)",
        value={
            "items": [
                {
                    "external_id": "P-1002",
                    "fields": {"title": "Red lamp"},
                    "media": [
                        {
                            "role": "photo",
                            "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AA"
                            "AAMBAQDJ/pLvAAAAAElFTkSuQmCC",
                        }
                    ],
                }
            ]
        },
    ),
]
