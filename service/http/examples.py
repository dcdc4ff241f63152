"""Examples of requests in the documentation; tests send them."""

from litestar.openapi.spec import Example

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
    Example(summary="The second page", value={"query": "펌프", "k": 10, "skip": 10}),
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
