"""The pages, as a browser asks for them: who may see what, what is taken, and what is never told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from made_ratings import pair, vote
from tunesmith.rooms.rate import Answer, Item, Store, guard
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.links import OWNER, Links, entrance
from tunesmith.rooms.rate.server import application

Begun = Callable[..., Store]
Serve = Callable[..., Callable[[str], Any]]

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_a_rater_sees_the_question_and_not_where_answers_come_from(begun: Begun, visit: Serve) -> None:
    gold = pair(9, accepted=("a",), reference="first of 9", place="secret.jsonl:9")
    store = begun([*(pair(at) for at in range(9)), gold], systems=("sys-one", "sys-two"))
    anna = visit(store)("1")
    seen = anna.get("/items").json()["items"]
    assert len(seen) == 11
    known = {"place", "prompt", "image", "sound", "answers", "reference", "labels", "tokens", "tags", "mark", "value"}
    assert set(seen[0]) == known
    told = json.dumps(seen) + anna.get("/").text + anna.get("/rate").text
    assert [word for word in ("sys-one", "sys-two", "secret", "accepted", "is_repeat", "gold") if word in told] == []
    assert str(store.path.parent) not in told


def test_sides_are_as_they_were_drawn(begun: Begun, visit: Serve) -> None:
    store = begun([pair(at) for at in range(30)])
    seen = visit(store)("1").get("/items?count=50").json()["items"]
    for one, shown in zip(seen, store.shown(1, 0, 50), strict=True):
        assert one["answers"][shown.is_flipped] == shown.item.answers[0].text


def test_a_vote_is_kept_and_the_state_goes_on(begun: Begun, visit: Serve) -> None:
    store = begun([pair(at) for at in range(3)])
    anna = visit(store)("1")
    first = vote(0, "second")
    for _ in range(2):
        answer = anna.send(first, vote(1, mark="skip"))
        assert answer.status_code == 200
        assert first["id"] in answer.json()["saved"]
        assert (answer.json()["done"], answer.json()["next"]) == (2, 2)
    assert len(list(store.votes())) == 1
    assert anna.get("/items").json()["items"][0]["value"] == {"": "second"}


@pytest.mark.parametrize(
    "sent",
    [
        vote(99),
        vote(-1),
        vote(0, "third"),
        vote(0, seconds=-1),
        vote(0, seconds=float("1e99")),
        vote(0, id="short"),
        vote(0, id="x' OR 1=1 --"),
        vote(0, mark="delete"),
        vote(0, value={}),
        vote(0, value={"": "first", "more": "first"}),
        vote(0, rater=2),
    ],
)
def test_what_was_not_asked_is_not_taken(sent: dict[str, Any], begun: Begun, visit: Serve) -> None:
    store = begun([pair(at) for at in range(3)])
    answer = visit(store)("1").send(vote(1), sent)
    assert answer.status_code == 422
    assert store.newest() == 0


TAGGED = Item(
    id="t", prompt="", answers=(Answer(system="one", text=""),), tokens=("a", "b"), tags=("O", "B-x"), labels=("x",)
)
RIGHT = Item(id="r", prompt="p", answers=(Answer(system="one", text="good"),), labels=("good", "bad"))
GRADED = Item(id="s", prompt="p", answers=(Answer(system="one", text="good"),))


@pytest.mark.parametrize(
    ("item", "kind", "value", "fits"),
    [
        (TAGGED, "tags", ["B-x", "I-x"], True),
        (TAGGED, "tags", ["O"], False),
        (TAGGED, "tags", ["O", "B-y"], False),
        (TAGGED, "tags", ["O", 3], False),
        (RIGHT, "right", True, True),
        (RIGHT, "right", "true", False),
        (RIGHT, "right", 1, False),
        (GRADED, "scale", 5, True),
        (GRADED, "scale", 6, False),
        (GRADED, "scale", True, False),
        (GRADED, "scale", 2.5, False),
    ],
)
def test_each_kind_takes_its_own_values(
    item: Item, kind: str, value: Any, fits: bool, begun: Begun, visit: Serve
) -> None:
    answer = visit(begun([item], kind=kind))("1").send(vote(0, value))
    assert answer.status_code == (200 if fits else 422)


def test_a_correction_is_one_of_the_labels(begun: Begun, visit: Serve) -> None:
    anna = visit(begun([RIGHT], kind="right"))("1")
    assert anna.send(vote(0, value={"": False, "correction": "bad"})).status_code == 200
    assert anna.send(vote(0, value={"": False, "correction": "ugly"})).status_code == 422


def test_the_label_of_the_data_is_not_shown_beside_the_one_that_is_judged(begun: Begun, visit: Serve) -> None:
    item = Item(
        id="r", prompt="p", answers=(Answer(system="one", text="good"),), labels=("good", "bad"), reference="bad"
    )
    (seen,) = visit(begun([item], kind="right"))("1").get("/items").json()["items"]
    assert seen["reference"] == ""


def test_every_link_opens_its_own_pages_alone(begun: Begun, visit: Serve) -> None:
    store = begun([pair(0)])
    enter = visit(store)
    anna, owner = enter("1"), enter("owner")
    for path in ("/r/2/", "/r/2/items", "/r/3/state", "/owner/", "/owner/progress", "/owner/export/csv"):
        assert anna.client.get(path).status_code == 403
    assert owner.client.get("/r/1/items").status_code == 403
    assert (
        anna.client.post(
            "/r/2/votes", json={"votes": [vote(0)]}, headers={"origin": str(anna.client.base_url)}
        ).status_code
        == 403
    )
    assert store.newest() == 0


def test_without_a_link_nothing_is_seen(begun: Begun, tmp_path: Path) -> None:
    store, links = begun([pair(0)]), Links(tmp_path)
    client = TestClient(application(Desk(store, links, 8717)), base_url="http://127.0.0.1:8717")
    wrong = entrance(links, "1")[:-1] + "_"
    for path in ("/r/1/", "/r/1/items", "/owner/", wrong, "/r/1/enter/", "/r/1/enter/" + "x" * 5000):
        assert client.get(path).status_code in (403, 404)
    cookie = {"cookie": f"tunesmith-rate-8717={links.token('2')}"}
    assert client.get("/r/1/items", headers=cookie).status_code == 403
    client.close()


def test_links_are_the_same_after_a_restart_and_others_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, again, other = Links(tmp_path), Links(tmp_path), Links(tmp_path / "other")
    assert first.token(OWNER) == again.token(OWNER) != other.token(OWNER)
    assert len({first.token(str(number)) for number in range(50)}) == 50
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_cookie_is_closed_to_scripts_and_other_sites(begun: Begun, tmp_path: Path) -> None:
    store, links = begun([pair(0)]), Links(tmp_path)
    client = TestClient(application(Desk(store, links, 8717)), base_url="http://127.0.0.1:8717")
    answer = client.get(entrance(links, "1"), follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/r/1;"))
    assert links.token("1") not in answer.text
    client.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://127.0.0.1:8717"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://127.0.0.1:8717", "content-type": "text/plain"}, 403),
        ({"origin": "http://127.0.0.1:8717", "content-type": "application/x-www-form-urlencoded"}, 403),
    ],
)
def test_only_our_own_pages_may_vote(headers: dict[str, str], status: int, begun: Begun, visit: Serve) -> None:
    anna = visit(begun([pair(0)]))("1")
    content = json.dumps({"votes": [vote(0)]})
    answer = anna.send(json=None, content=content, headers={"content-type": "application/json"} | headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("host", "public", "status"),
    [
        ("127.0.0.1:8717", False, 200),
        ("localhost:1", False, 200),
        ("[::1]:8717", False, 200),
        ("evil.example", False, 400),
        ("192.168.1.5:8717", False, 400),
        ("192.168.1.5:8717", True, 200),
        ("evil.example:8717", True, 400),
        ("127.0.0.1.evil.example", True, 400),
        ("", False, 400),
    ],
)
def test_a_name_that_was_turned_to_us_sees_nothing(
    host: str, public: bool, status: int, begun: Begun, visit: Serve
) -> None:
    enter = visit(begun([pair(0)]), is_public=public)
    assert enter("1").get("/items", headers={"host": host}).status_code == status


def test_large_requests_are_turned_away(begun: Begun, visit: Serve) -> None:
    anna = visit(begun([pair(0)]))("1")
    headers = {"origin": "http://127.0.0.1:8717", "content-type": "application/json"}
    assert anna.send(json=None, content=b"x" * 600_000, headers=headers).status_code == 413
    # Without a length in its header it is read only as far as it may go.
    endless = anna.send(json=None, content=(b" " * 65_536 for _ in range(20)), headers=headers)
    assert endless.status_code >= 400
    assert anna.send(*(vote(0) for _ in range(51))).status_code == 422


def test_many_requests_are_turned_away(begun: Begun, visit: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "AT_ONCE", 6.0)
    monkeypatch.setattr(guard, "A_SECOND", 1e-6)
    anna = visit(begun([pair(0)]))("1")
    assert [anna.get("/state").status_code for _ in range(7)] == [200] * 5 + [429] * 2


def test_who_was_too_fast_may_go_on_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(guard.time, "monotonic", lambda: now)
    allowance = guard.Allowance(2.0, 3.0)
    assert [allowance.takes("one") for _ in range(4)] == [True, True, True, False]
    assert allowance.takes("other")
    now = 1.0
    assert [allowance.takes("one") for _ in range(3)] == [True, True, False]


def test_every_answer_forbids_what_pages_do_not_need(begun: Begun, visit: Serve) -> None:
    anna = visit(begun([pair(0)]))("1")
    for path in ("/", "/rate", "/items", "/nothing"):
        headers = anna.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_text_of_the_data_is_never_markup(begun: Begun, visit: Serve) -> None:
    item = pair(0, prompt=HOSTILE, answers=(Answer(system=HOSTILE, text=HOSTILE), Answer(system="b", text="x")))
    store = begun([item], criteria=(HOSTILE[:40],), guide=HOSTILE, systems=(HOSTILE, "b"))
    enter = visit(store)
    store.join(HOSTILE[:30])
    for page in (enter("1").get("/"), enter("1").get("/rate"), enter("owner").get("/"), enter("3").get("/")):
        assert "<script>alert" not in page.text and "<img" not in page.text
        # No script stands within a page, not even one of ours.
        assert all('src="/static/' in part.split(">")[0] for part in page.text.split("<script")[1:])
    assert enter("1").get("/items").headers["content-type"] == "application/json"


def test_a_page_speaks_its_readers_language(begun: Begun, visit: Serve) -> None:
    anna = visit(begun([pair(0)]))("1")
    assert "Which answer is better?" in anna.get("/", headers={"accept-language": "de, en;q=0.8, zh;q=0.3"}).text
    assert "哪个回答更好" in anna.get("/", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}).text
    assert "哪个回答更好" in anna.get("/?lang=zh").text
    assert "哪个回答更好" in anna.get("/", headers={"accept-language": "en"}).text, "the choice is kept"
    assert "Which answer is better?" in anna.get("/?lang=en").text


@pytest.mark.parametrize("kind", ["ab", "scale", "right", "tags"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_practice_can_be_passed(kind: str, lang: str, begun: Begun, visit: Serve) -> None:
    asked = ("",) if kind == "tags" else ("fluent", "true")
    store = begun([pair(0)], kind=kind, criteria=() if kind == "tags" else asked)
    found = visit(store)("1").get(f"/practice.json?lang={lang}").json()["items"]
    assert len(found) == 2
    for item in found:
        assert set(item["accepted"]) == set(asked)
        assert all(item["accepted"][name] for name in asked)
        if kind == "tags":
            assert len(item["tokens"]) == len(item["tags"]) == len(item["accepted"][""][0])


def test_only_files_of_the_pages_are_served(begun: Begun, visit: Serve) -> None:
    anna = visit(begun([pair(0)]))("1")
    assert anna.client.get("/static/x/rate.js").headers["content-type"].startswith("text/javascript")
    for name in ("../store.py", "..%2Fstore.py", "intro.html.j2", "ratings.sqlite", ""):
        assert anna.client.get(f"/static/x/{name}").status_code == 404
    for path in ("/docs", "/openapi.json", "/redoc", "/"):
        assert anna.client.get(path).status_code == 404


def test_the_owner_sees_how_far_everybody_is(begun: Begun, visit: Serve) -> None:
    store = begun([pair(at, accepted=("a",) if at == 0 else ()) for at in range(30)])
    enter = visit(store)
    anna, owner = enter("1"), enter("owner")
    anna.send(*(vote(one.place, "first" if one.is_flipped else "second") for one in store.shown(1, 0, 20)))
    first, second = owner.get("/progress").json()["raters"]
    assert (first["done"], first["places"], second["done"]) == (20, 31, 0)
    assert first["seconds"] == 2.5
    assert "anna" in owner.get("/").text


def test_known_and_repeated_items_show_who_reads(begun: Begun, visit: Serve) -> None:
    store = begun([pair(at, accepted=("a",) if at < 3 else ()) for at in range(40)])
    shown = store.shown(1, 0, 99)
    anna, owner = visit(store)("1"), visit(store)("owner")
    # Always the first system; the one repeat gets another answer than before.
    chosen = {one.place: ("second" if one.is_flipped else "first") for one in shown}
    (again,) = [one for one in shown if one.is_repeat][:1]
    chosen[again.place] = "tie"
    anna.send(*(vote(place, said) for place, said in chosen.items()))
    found = owner.get("/progress").json()["raters"][0]
    repeats = sum(one.is_repeat for one in shown)
    assert (found["gold"], found["repeats"]) == ([3, 3], [repeats - 1, repeats])


@pytest.mark.parametrize(
    ("item", "kind", "value"),
    [(pair(0), "ab", "tie"), (TAGGED, "tags", ["B-x", "O"]), (RIGHT, "right", False), (GRADED, "scale", 2)],
)
def test_one_vote_of_one_rater_is_a_result_already(
    item: Item, kind: str, value: Any, begun: Begun, visit: Serve
) -> None:
    enter = visit(begun([item], kind=kind))
    owner = enter("owner")
    assert enter("1").send(vote(0, value)).status_code == 200
    assert owner.get("/findings").status_code == owner.get("/result").status_code == 200
    assert len(owner.get("/export/jsonl").text.splitlines()) == 1


def test_the_owner_takes_away_what_was_said(begun: Begun, visit: Serve) -> None:
    store = begun([pair(at) for at in range(12)])
    enter = visit(store)
    owner = enter("owner")
    assert owner.get("/export/csv").status_code == 409
    assert "No votes yet" in owner.get("/result").text
    for name in ("1", "2"):
        enter(name).send(
            *(vote(one.place, "second" if one.is_flipped else "first") for one in store.shown(int(name), 0, 50))
        )
    rows = [json.loads(line) for line in owner.get("/export/jsonl").text.splitlines()]
    assert len(rows) == 26 and {row["rater"] for row in rows} == {"anna", "bo"}
    assert (
        owner.get("/export/preference").headers["content-disposition"]
        == 'attachment; filename="ratings.preference.jsonl"'
    )
    assert owner.get("/export/labels").status_code == 404
    assert "one" in owner.get("/result").text
    told = owner.get("/findings").json()["sentences"]
    assert any("one" in sentence for sentence in told) and any("agree" in sentence.lower() for sentence in told)
