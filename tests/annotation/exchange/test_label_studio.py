"""Label Studio's exports here are cut from what version 1.23.2 wrote; tests/external/label_studio.py asks a server."""

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.exchange.label_studio import is_label_studio, read_export, tasks
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Rating
from pipeline.errors import UserError

HOSTILE = "<b>&amp;</b> $text ${before} {{text}}\n\"'\u2028"
FULL = """
[{"id":33,"annotations":[{"id":1,"completed_by":1,"result":[
   {"value":{"choices":["joy"]},"id":"G5w1rYvo72","from_name":"primary","to_name":"comment","type":"choices",
    "origin":"manual"},
   {"value":{"choices":["awe","worry"]},"id":"8Ih1ZgmtX8","from_name":"further","to_name":"comment","type":"choices",
    "origin":"manual"},
   {"value":{"choices":["3"]},"id":"Kp_dW_1BxV","from_name":"confidence","to_name":"comment","type":"choices",
    "origin":"manual"}],
  "was_cancelled":false,"ground_truth":false,"created_at":"2026-11-22T02:28:06.956222Z",
  "updated_at":"2026-11-22T02:28:06.956253Z","draft_created_at":null,"lead_time":8.025,"prediction":{},
  "result_count":3,"unique_id":"23dc1376","import_id":null,"last_action":null,"bulk_created":false,"task":33,
  "project":5,"updated_by":1,"parent_prediction":null,"parent_annotation":null,"last_created_by":null}],
 "drafts":[{"id":2,"user":"b@x.org","result":[{"from_name":"primary","value":{"choices":["worry"]}}]}],
 "predictions":[{"id":9,"result":[{"from_name":"primary","value":{"choices":["worry"]}}]}],
 "data":{"comment_id":"dm1","text":"哈<\\/b>","before":"前","after":"","video_id":"BV1","onset_s":83.4},
 "meta":{},"created_at":"2026-11-22T02:27:49.142677Z","updated_at":"2026-11-22T02:28:07.054696Z","allow_skip":true,
 "inner_id":1,"total_annotations":1,"cancelled_annotations":0,"project":5,"updated_by":1,"comment_authors":[]},
 {"id":34,"annotations":[],"drafts":[],"predictions":[],"data":{"comment_id":"dm2","text":"?"},"meta":{}}]
"""
MINIMAL = """
[{"comment_id":"dm1","text":"哈","before":"前","after":"","video_id":"BV1","onset_s":83.4,"id":33,
  "primary":"joy","further":{"choices":["awe","worry"]},"confidence":"3","annotator":1,"annotation_id":1,
  "created_at":"2026-11-22T02:28:06.956222Z","updated_at":"2026-11-22T02:28:06.956253Z","lead_time":8.025},
 {"comment_id":"dm2","text":"?","before":"","after":"","video_id":null,"onset_s":null,"id":34,
  "annotator":null,"annotation_id":null,"created_at":null,"updated_at":null,"lead_time":null}]
"""


def written(folder: Path, content: Any) -> Path:
    file = folder / "export.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


NUMBERS = count(1)


def annotation(who: Any, at: str = "2026-11-22T02:28:06Z", cancelled: bool = False, **answers: list[str]) -> Any:
    result = [
        {"from_name": name, "to_name": "comment", "type": "choices", "value": {"choices": choices}}
        for name, choices in answers.items()
    ]
    return {
        "id": next(NUMBERS),
        "completed_by": who,
        "result": result,
        "was_cancelled": cancelled,
        "created_at": "2026-11-22T02:00:00Z",
        "updated_at": at,
    }


def task(number: int, *annotations: Any, **data: Any) -> Any:
    data = {"comment_id": f"dm{number}", "text": "哈", **data}
    return {"id": number, "data": data, "annotations": list(annotations), "drafts": [], "predictions": []}


def email(address: str) -> dict[str, Any]:
    return {"id": 7, "email": address, "first_name": "", "last_name": ""}


def test_a_task_holds_the_comment_as_it_is_and_its_neighbours_a_line_each() -> None:
    item = Item("dm1", HOSTILE, ("前一", "前二"), (), "BV1", 83.4)
    assert tasks([item]) == [
        {
            "data": {
                "comment_id": "dm1",
                "text": HOSTILE,
                "before": "前一\n前二",
                "after": "",
                "video_id": "BV1",
                "onset_s": 83.4,
            }
        }
    ]


@pytest.mark.parametrize("export", [FULL, MINIMAL])
def test_both_exports_give_the_same_ratings_the_primary_first(tmp_path: Path, export: str) -> None:
    assert is_label_studio(json.loads(export))
    assert read_export(written(tmp_path, export)) == [Rating("dm1", "user-1", ("joy", "awe", "worry"), 3, "task 33")]


def test_of_several_annotations_by_one_annotator_the_last_updated_counts(tmp_path: Path) -> None:
    export = [
        task(
            1,
            annotation(1, "2026-11-22T02:28:06.5Z", primary=["joy"]),
            annotation(1, "2026-11-22T02:28:06Z", primary=["awe"]),  # as text it would be the later one
            annotation(2, "2026-11-22T10:28:07+08:00", primary=["worry"]),
            annotation(2, "2026-11-22T02:28:08Z", primary=["awe"]),
            annotation(1, "2026-11-22T09:00:00Z", cancelled=True, primary=["worry"]),
        ),
        task(2, annotation(1, primary=["joy"])),
    ]
    assert read_export(written(tmp_path, export)) == [
        Rating("dm1", "user-1", ("joy",), None, "task 1"),
        Rating("dm1", "user-2", ("awe",), None, "task 1"),
        Rating("dm2", "user-1", ("joy",), None, "task 2"),
    ]


def test_an_annotation_without_an_answer_is_a_rating_without_labels(tmp_path: Path) -> None:
    assert read_export(written(tmp_path, [task(1, annotation(1))])) == [Rating("dm1", "user-1", (), None, "task 1")]


def test_annotators_are_called_by_the_short_of_their_address_unless_two_share_it(tmp_path: Path) -> None:
    people = [email("anna@one.org"), email("Anna@two.org"), email("bo@one.org"), 7, email("user-7@one.org"), "chris"]
    export = [task(1, *(annotation(who, primary=["joy"]) for who in people))]
    assert [rating.annotator for rating in read_export(written(tmp_path, export))] == [
        "anna@one.org",
        "Anna@two.org",
        "bo",
        "user-7",
        "user-7@one.org",
        "chris",
    ]


def test_leaves_that_are_chosen_twice_stand_once_and_answers_to_other_questions_are_passed_over(tmp_path: Path) -> None:
    answers = annotation(1, further=["awe", "joy"], primary=["joy"], notes=["?"])
    many = annotation(2, labels=["awe", "joy"], confidence=["1"])
    assert [
        (rating.labels, rating.confidence) for rating in read_export(written(tmp_path, [task(1, answers, many)]))
    ] == [
        (("joy", "awe"), None),
        (("awe", "joy"), 1),
    ]


def test_a_page_that_was_rebuilt_with_taxonomy_and_rating_is_read_too(tmp_path: Path) -> None:
    """Of a path the leaf counts. JSON-MIN has lists of such answers."""
    full = annotation(1)
    full["result"] = [
        {"from_name": "labels", "type": "taxonomy", "value": {"taxonomy": [["good", "joy"], ["bad", "worry"]]}},
        {"from_name": "confidence", "type": "rating", "value": {"rating": 2}},
    ]
    minimal = json.loads(MINIMAL)[:1]
    del minimal[0]["primary"], minimal[0]["further"]
    minimal[0] |= {"labels": [{"taxonomy": [["good", "joy"], ["bad", "worry"]]}], "confidence": [{"rating": 2}]}
    for export in ([task(1, full)], minimal):
        [rating] = read_export(written(tmp_path, export))
        assert (rating.labels, rating.confidence) == (("joy", "worry"), 2)


def test_what_goes_out_comes_back(tmp_path: Path) -> None:
    sent = tasks([Item(f"{number:03}", HOSTILE, (HOSTILE,), (), None, None) for number in range(3)])
    export = [
        {"id": index, **entry, "annotations": [annotation(1, primary=['<b>"$text'], confidence=["2"])]}
        for index, entry in enumerate(sent)
    ]
    back = read_export(written(tmp_path, export))
    assert [rating.comment_id for rating in back] == ["000", "001", "002"]
    assert {(rating.labels, rating.confidence) for rating in back} == {(('<b>"$text',), 2)}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("not JSON", ": this is no export of Label Studio"),
        (b"\xff\xfe\x00".decode("latin-1"), ": this is no export of Label Studio"),
        ('{"id": 1}', ": this is no export of Label Studio"),
        ("[1]", ": this is no export of Label Studio"),
        ([{"id": 1, "annotations": {}, "data": {"comment_id": "a"}}], ", task 1: this is no export of Label Studio"),
        ([{"id": 1, "annotations": [3], "data": {"comment_id": "a"}}], ", task 1: this is no export of Label Studio"),
        ([{"id": 1, "annotations": [], "data": "text"}], ", task 1: this is no export of Label Studio"),
        ([task(5, comment_id=None)], ", task 5: its data has no comment_id; import what `danmu annotate export`"),
        ([task(5, comment_id="")], ", task 5: its data has no comment_id"),
        ([{"id": 6, "annotator": 1, "annotation_id": 2}], ", task 6: its data has no comment_id"),
        ([task(5, annotation(None, primary=["joy"]))], ", task 5: an annotation does not say who made it"),
        ([task(5, annotation(1, "yesterday", primary=["joy"]))], ", task 5: an annotation was updated at 'yesterday'"),
        ([task(5, annotation(1, sentiment=["good"]))], ", task 5: user-1 answered sentiment, and none of primary"),
        ([task(5, annotation(1, further=["joy"]))], ", task 5: user-1 chose further leaves and no primary one"),
        ([task(5, annotation(1, primary=["joy"], confidence=["4"]))], ", task 5: the confidence of user-1 is '4'"),
    ],
)
def test_a_fault_is_named_with_file_and_task(tmp_path: Path, content: Any, complaint: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(UserError, match="^" + re.escape(f"{file}{complaint}")):
        read_export(file)


@pytest.mark.parametrize("value", [None, {}, [], [1], [{}], [{"id": 1, "text": "a", "label": []}], {"annotations": []}])
def test_other_json_is_told_apart(value: Any) -> None:
    assert not is_label_studio(value)
