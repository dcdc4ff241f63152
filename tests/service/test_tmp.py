import json,pytest
@pytest.mark.usefixtures("parts")
def test_x(client, dummy_space, db):
    schema = client.get("/docs/openapi.json").json()
    for name, path in (("SearchIn", "search"), ("ItemsIn", "items")):
        for example in schema["components"]["schemas"][name]["examples"]:
            import time; t=time.time()
            response = client.post(f"/collections/parts/{path}", json=example)
            print(path, response.status_code, round(time.time()-t,2), json.dumps(example,ensure_ascii=False)[:300])
