"""The page on which annotators label; tests/external/label_studio.py shows it to a server."""

from xml.etree import ElementTree

from pipeline.annotation.exchange.label_studio import tasks
from pipeline.annotation.exchange.label_studio_interface import configuration
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy, load_taxonomy
from tests.conftest import ROOT


def tree(*roots: Node, kind: str = "single-label") -> Taxonomy:
    return Taxonomy(1, roots, kind)  # type: ignore[arg-type]


def test_the_page_asks_for_one_primary_leaf_further_ones_and_a_confidence() -> None:
    taxonomy = load_taxonomy(ROOT / "data" / "taxonomy.yaml")
    page = ElementTree.fromstring(configuration(taxonomy))
    asked = {control.get("name"): control for control in page.iter("Choices")}
    assert [(name, control.get("choice")) for name, control in asked.items()] == [
        ("primary", "single-radio"),
        ("further", "multiple"),
        ("confidence", "single-radio"),
    ]
    for name in ("primary", "further"):
        assert [choice.get("value") for choice in asked[name].iter("Choice")] == taxonomy.leaves
    assert [choice.get("alias") for choice in asked["confidence"].iter("Choice")] == ["3", "2", "1"]
    assert [name for name, control in asked.items() if control.get("required") == "true"] == ["primary"]
    assert configuration(taxonomy) == configuration(load_taxonomy(ROOT / "data" / "taxonomy.yaml"))


def test_every_key_of_the_page_does_one_thing() -> None:
    page = ElementTree.fromstring(configuration(load_taxonomy(ROOT / "data" / "taxonomy.yaml")))
    keys = [choice.get("hotkey") for choice in page.iter("Choice")]
    assert None not in keys and len(set(keys)) == len(keys)
    assert "u" not in keys  # Label Studio's own


def test_a_multi_label_page_asks_once_at_any_depth() -> None:
    taxonomy = tree(Node("a", "", (Node("b", "", (Node("c", ""), Node("d", ""))),)), Node("e", ""), kind="multi-label")
    page = ElementTree.fromstring(configuration(taxonomy))
    asked = {control.get("name"): control for control in page.iter("Choices")}
    assert list(asked) == ["labels", "confidence"] and asked["labels"].get("choice") == "multiple"
    assert [choice.get("value") for choice in asked["labels"].iter("Choice")] == ["c", "d", "e"]
    assert [header.get("value") for header in asked["labels"].iter("Header")] == ["a", "b"]


def test_the_codebook_shows_under_the_mouse() -> None:
    leaf = Node("joy", "Delight.", boundary="It is awe when …", examples=("哈哈", '<i>"好"</i>'))
    page = ElementTree.fromstring(configuration(tree(leaf, Node("awe", ""))))
    first, second = list(page.iter("Choice"))[:2]
    assert first.get("hint") == 'Delight.\nIt is awe when …\n· 哈哈\n· <i>"好"</i>'
    assert second.get("hint") is None


def test_no_name_is_taken_for_a_field_of_the_task() -> None:
    page = ElementTree.fromstring(
        configuration(tree(Node("$text", "", (Node("costs $before", ""), Node('<b>&"', "")))))
    )
    fields = [element.get("value") for element in page.iter() if "$" in element.get("value", "")]
    assert fields == ["$before", "$text", "$after"]  # in the order of the screen, once each
    assert {field[1:] for field in fields} <= tasks([Item("a", "", (), (), None, None)])[0]["data"].keys()
    leaves = [choice for choice in page.iter("Choice") if choice.get("value") not in ("sure", "fairly sure", "a guess")]
    assert {choice.get("alias", choice.get("value")) for choice in leaves} == {"costs $before", '<b>&"'}


def test_whatever_is_in_the_codebook_the_page_is_xml() -> None:
    hostile = "a\x00\x1b[2J\x0b\ufffe\ud800 <b>&amp;\"'\n中👍"
    roots = (Node("joy", hostile, (), hostile, (hostile,)), Node("up", "", (Node("a<b>\x07&", ""),)))
    page = ElementTree.fromstring(configuration(tree(*roots)).encode())
    hint = next(choice.get("hint") for choice in page.iter("Choice") if choice.get("value") == "joy")
    clean = "a\ufffd\ufffd[2J\ufffd\ufffd\ufffd <b>&amp;\"'\n中👍"
    assert hint == f"{clean}\n{clean}\n· {clean}"
    assert "a<b>\ufffd&" in {choice.get("value") for choice in page.iter("Choice")}
