from pipeline.annotation.tree.shortcuts import KEYS, shortcuts


def test_keys_are_letters_of_the_name_as_far_as_they_go() -> None:
    assert shortcuts(["joy", "awe", "angry_joy", "jay", "喜悦", "jo"]) == {
        "joy": "j",
        "awe": "a",
        "angry_joy": "n",
        "jay": "y",
        "喜悦": "b",
        "jo": "o",
    }
    many = shortcuts([f"leaf {number}" for number in range(50)], taken="u3")
    assert len(many) == len(set(many.values())) == len(KEYS) - 2 and not set("u3") & set(many.values())
    assert "leaf 49" not in many
